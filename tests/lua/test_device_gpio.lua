-- gpio and adc: a pin reads what was written to it, and a test can play the hardware.

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
local refuses = expect.refuses

refuses("gpio 13 does not exist", gpio.read, 13)
refuses("gpio -1 does not exist", gpio.write, -1, 1)
refuses("bad argument #1 to 'read' (number expected, got no value)", gpio.read)
refuses("bad argument #2 to 'write' (wrong level type)", gpio.write, 1, 5)
refuses("bad argument #2 to 'write' (number expected, got boolean)", gpio.write, 1, true)
refuses("bad argument #1 to 'mode' (Invalid pin)", gpio.mode, 13, gpio.OUTPUT)
refuses("bad argument #1 to 'mode' (Invalid pin)", gpio.mode, 0, gpio.INT)
refuses("bad argument #2 to 'mode' (wrong arg type)", gpio.mode, 1, 9)
refuses("bad argument #1 to 'trig' (Invalid interrupt pin)", gpio.trig, 0, "up", print)
refuses("bad argument #2 to 'trig' (invalid option 'sideways')", gpio.trig, 1, "sideways", print)
refuses("bad argument #3 to 'trig' (invalid callback type)", gpio.trig, 1, "up")
local _, place = pcall(function() gpio.read(13) end)
assert(place:find("^[^:]*test_device_gpio.lua:%d+: "), place)

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
    gpio.trig(3, "both", print)
    gpio.trig(3, "low") -- keeps the function
    refuses("invalid callback type", gpio.trig, 3, "high", nil)
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

gpio.serout(5, 1, {}, 2, expect(function() end))
gpio.serout(5, 1, {})
refuses("bad argument #1 to 'serout' (Invalid pin)", gpio.serout, 13, 1, {1})
refuses("bad argument #2 to 'serout' (Wrong level type)", gpio.serout, 5, 2, {1})
refuses("bad argument #3 to 'serout' (Invalid delay_times)", gpio.serout, 5, 1)

-- pulses: one at a time; an entry with a loop and a count of 3 is run four times
for text, steps in pairs {
  ["All entries must be tables"] = {5}, ["pin number 13 must be in range 0 .. 12"] = {{[13] = 1}},
  ["Unrecognized key found: late"] = {{late = 1}}, ["delay of -1 must be in the range 0 .. 64000000"] = {{delay = -1}},
  ["Delay of 5 must be between min and max"] = {{delay = 5, min = 6, max = 9}},
} do
  refuses(text, gpio.pulse.build, steps)
end
refuses("table expected, got number", gpio.pulse.build, 5)

local trace = {}
pins.on(6, function(level) trace[#trace + 1] = level end)
local pulser = gpio.pulse.build {
  {[6] = gpio.HIGH, delay = 1000}, {[6] = gpio.LOW, delay = 1000, loop = 1, count = 3},
}
local endless = gpio.pulse.build {{[7] = 1, delay = 1000, loop = 1, count = 1000}, {[7] = 0}}
refuses("missing callback", pulser.start, pulser)
assert(select("#", pulser:stop(print)) == 0 and select("#", pulser:cancel()) == 0 and select("#", pulser:adjust(1)) == 0)
pulser:start(expect(function(position, steps, _, now)
  assert(position == nil and steps == 9 and table.concat(trace) == "10101010" and math.type(now) == "integer")
  endless:start(5, expect.never "the callback that stop replaces")
  refuses("bad stop position: 3 (valid range 1 - 2)", endless.stop, endless, 3, print)
  refuses("missing callback", endless.stop, endless)
  refuses("entry number must be in range 1 .. 2", endless.update, endless, 3, {})
  endless:update(1, {delay = 2000})
  assert(endless:adjust(0) == 1 and endless:stop(expect(function(stopped_at)
    assert(stopped_at == 1)
    endless:start(print)
    assert(endless:cancel() == 1)
  end)) == true)
end, 1))
assert(pulser:getstate() == 1)
refuses("pulse operation already in progress", pulser.start, pulser, print)
refuses("pulse operation already in progress", endless.start, endless, print)

-- adc
assert(adc.read(0) == 0)
analog.set(512)
assert(adc.read(0) == 512 and adc.readvdd33() == 65535)
assert(adc.force_init_mode(adc.INIT_VDD33) == true and adc.force_init_mode(adc.INIT_VDD33) == false)
assert(adc.readvdd33() == 3300 and adc.read(0) == 65535)
refuses("adc 1 does not exist", adc.read, 1)
refuses("bad argument #1 to 'force_init_mode' (number expected, got no value)", adc.force_init_mode)
