-- gpio and adc: what is written is read, and a test can play the hardware.

local expect = require "expect"
local device = require "netmcu.device.init"
local pins, analog = device.control("gpio"), device.control("adc")

for pin = 0, 12 do
  gpio.mode(pin, gpio.OUTPUT)
  gpio.write(pin, gpio.HIGH)
  assert(gpio.read(pin) == 1)
  gpio.write(pin, gpio.LOW)
  assert(gpio.read(pin) == gpio.LOW)
end
gpio.mode("4", "1") -- as a web page gives them
gpio.write("4", "1")
assert(gpio.read "4" == 1)
gpio.write(4, 0)
assert(not pcall(gpio.read, 13) and not pcall(gpio.write, 1, 5) and not pcall(gpio.mode, 1, 9) and not pcall(gpio.read))
assert(not pcall(gpio.trig, 0, "up", print) and not pcall(gpio.trig, 1, "sideways", print) and not pcall(gpio.trig, 1, "up"))

local seen = {}
pins.on(4, function(level, pin) seen[#seen + 1] = pin .. "=" .. level end)
gpio.write(4, 1)
gpio.write(4, "0")
assert(table.concat(seen, " ") == "4=1 4=0")

gpio.mode(3, gpio.INT, gpio.PULLUP)
local mode, pull = pins.mode(3)
assert(gpio.read(3) == 1 and mode == gpio.INT and pull == gpio.PULLUP)
gpio.trig(3, "down", expect(function(level, when, count)
  assert(level == 0 and math.type(when) == "integer" and count == 2)
  gpio.trig(3, "up", expect(function(new_level)
    assert(new_level == 1)
    gpio.trig(3)
    pins.set(3, 0)
    pins.set(3, 1)
  end, 1))
  pins.set(3, 0)
  pins.set(3, 1)
end, 1))
pins.set(3, 1)
pins.set(3, 0)
pins.set(3, 1)
pins.set(3, 0)
assert(gpio.read(3) == 0)

-- sequences
seen = {}
gpio.serout(4, gpio.HIGH, {10, 20, 10}, 2)
assert(table.concat(seen, " ") == "4=1 4=0 4=1 4=0 4=1 4=0")
local levels = {}
pins.on(5, function(level) levels[#levels + 1] = level end)
gpio.serout(5, 1, {1000, 1000}, 2, expect(function() assert(table.concat(levels) == "1010") end, 1))

local trace = {}
pins.on(6, function(level) trace[#trace + 1] = level end)
local pulser = gpio.pulse.build {
  {[6] = gpio.HIGH, delay = 1000}, {[6] = gpio.LOW, delay = 1000, loop = 1, count = 3},
}
pulser:start(expect(function(position, steps)
  assert(position == nil and steps == 6 and table.concat(trace) == "101010")
end, 1))
assert(pulser:getstate() == 1 and not pcall(pulser.start, pulser, print))
local other = gpio.pulse.build {{[7] = 1, delay = 1000, loop = 1, count = 1000}}
other:start(function() error("not reached") end)
assert(other:stop(expect(function(position) assert(position == 1) end, 1)) == true)

-- adc
assert(adc.read(0) == 0)
analog.set(512)
assert(adc.read(0) == 512 and adc.readvdd33() == 65535)
assert(adc.force_init_mode(adc.INIT_VDD33) == true and adc.force_init_mode(adc.INIT_VDD33) == false)
assert(adc.readvdd33() == 3300 and adc.read(0) == 65535 and not pcall(adc.force_init_mode, 7))
