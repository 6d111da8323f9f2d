-- Light, colour, weight, touch and air: the other sensors of the catalogue, and the converter mcp4725.

local expect = require "expect"
local i2c_bus = require "i2c_bus"
local netmcu = require "netmcu"
local refuses = expect.refuses

local function same(expected, ...)
  local values = table.concat({...}, " ")
  assert(values == expected, values .. ", not " .. expected)
end

i2c.setup(0, 1, 2, i2c.SLOW)

-- tsl2561: the settings change the counts, not the light
same("0 3", tsl2561.getlux())
same("3", tsl2561.settiming(tsl2561.INTEGRATIONTIME_13MS, tsl2561.GAIN_1X))
same("0", tsl2561.init(1, 2))
local before = tmr.now()
same("200 0", tsl2561.getlux())
assert(tmr.now() - before >= 14000, "the measurement takes no time")
local light = netmcu.part("tsl2561", {light = 500})
for time = tsl2561.INTEGRATIONTIME_13MS, tsl2561.INTEGRATIONTIME_101MS do
  for _, gain in ipairs {tsl2561.GAIN_1X, tsl2561.GAIN_16X} do
    same("0", tsl2561.settiming(time, gain))
    local lux = tsl2561.getlux()
    assert(math.abs(lux - 500) < 30, lux)
  end
end
same("0", tsl2561.settiming(tsl2561.INTEGRATIONTIME_13MS))
same("0", tsl2561.settiming()) -- the longest time, and no gain
local all, infrared = tsl2561.getrawchannels()
assert(all == 1453, all)
same("0", tsl2561.settiming(tsl2561.INTEGRATIONTIME_101MS, tsl2561.GAIN_16X))
all, infrared = tsl2561.getrawchannels()
assert(all > 5800 and all < 5900 and math.abs(infrared * 4 - all) < 4, all)
-- On the bus: both channels at the longest time, with the gain that the module has set.
assert(i2c_bus.registers(0x39, 0x80, 1) == "\0" and i2c_bus.registers(0x39, 0xac, 4) == "\0\0\0\0") -- it is off
i2c_bus.write(0x39, 0x80, 3)
i2c_bus.write(0x39, 0x81, 0x12)
assert(i2c_bus.registers(0x39, 0x8a, 1) == "\x50" and i2c_bus.registers(0x39, 0xac, 4) == string.pack("<I2I2", 23256, 5814))
i2c_bus.write(0x39, 0x81, 0x11)
light:set {light = 40000} -- more than the converter can count
same("37177", (tsl2561.getrawchannels()))
light:unplug()
same("0", tsl2561.init(1, 2, tsl2561.ADDRESS_GND, tsl2561.PACKAGE_CS)) -- another part, of another package
assert(math.abs(tsl2561.getlux() - 200) < 15)
assert(i2c_bus.registers(tsl2561.ADDRESS_GND, 0x81, 1) == "\2") -- init has set the timing back
refuses("no i2c for D0", tsl2561.init, 0, 1)
refuses("wrong range for arg integration", tsl2561.settiming, 3, 0)
refuses("wrong range for arg gain", tsl2561.settiming, 0, 1)

-- tcs34725, at an address that a tsl2561 may have too
local colours = netmcu.part("tcs34725", {clear = 4000, red = 500, green = 300, blue = 200})
refuses("TCS34725 not initialised.", tcs34725.raw)
same("1", tcs34725.setup())
refuses("Enable argument must be a function.", tcs34725.enable)
tcs34725.enable(expect(function()
  same("1024 500 300 200", tcs34725.raw()) -- as many as it counts in the shortest time
  tcs34725.setGain(1)
  tcs34725.setIntegrationTime(0xc0)
  same("4000 500 300 200", tcs34725.raw())
  i2c.start(0)
  i2c.address(0, 0x29, i2c.TRANSMITTER)
  i2c.write(0, 0x96)
  i2c.start(0)
  i2c.address(0, 0x29, i2c.RECEIVER)
  assert(i2c.read(0, 2) == string.pack("<I2", 500))
  i2c.stop(0)
  i2c.start(0)
  i2c.address(0, 0x29, i2c.TRANSMITTER)
  i2c.write(0, 0x92)
  i2c.start(0)
  i2c.address(0, 0x29, i2c.RECEIVER)
  assert(i2c.read(0, 2) == "\x44\1") -- the identity, and the status: there is a measurement
  i2c.stop(0)
  i2c_bus.write(0x29, 0x80, 1) -- the converter is off
  assert(i2c_bus.registers(0x29, 0x93, 3) == "\0\0\0")
  i2c_bus.write(0x29, 0x80, 3)
  i2c.stop(0)
  tcs34725.disable()
  refuses("TCS34725 not initialised.", tcs34725.setGain, 1)
  colours:set {failing = "silent"}
  refuses("No TCS34725 found.", tcs34725.setup)
end))

-- mcp4725
same("0 2048 0 2048 1 1", mcp4725.read())
local converter = netmcu.part("mcp4725", {address = 0x63})
same("3 4095 3 4095 1 1", mcp4725.read()) -- nothing is at the first address any more
local start = tmr.now()
mcp4725.write {A0 = 1, A1 = 1, value = 1000, save = true, pwrdn = mcp4725.PWRDN_100K}
mcp4725.write {A0 = 1, A1 = 1, value = 4095}
if not pcall(same, "0 4095 2 1000 0 1", mcp4725.read {A0 = 1, A1 = 1}) then -- the memory is being written
  assert(tmr.now() - start >= 25000) -- the machine has stood still
end
tmr.delay(25000)
same("0 4095 2 1000 1 1", mcp4725.read {A0 = 1, A1 = 1})
assert(converter.dac == 4095 and converter.power_down == 0)
assert(i2c_bus.read(0x63, 5) == "\xc0\xff\xf0\x43\xe8")
i2c.start(0)
i2c.address(0, 0x63, i2c.TRANSMITTER)
i2c.write(0, 0x1a, 0xbc) -- the fast mode
i2c.stop(0)
assert(converter.dac == 0xabc and converter.power_down == 1)
i2c_bus.write(0, 0x09) -- a general call: wakes up
assert(converter.dac == 0xabc and converter.power_down == 0)
i2c_bus.write(0, 0x06) -- and resets
assert(converter.dac == 1000 and converter.power_down == 2)
refuses("bad argument #1 to 'write' (A0: Must be 0 or 1)", mcp4725.write, {A0 = 2})
refuses("(A1: Must be number)", mcp4725.write, {A1 = "x"})
refuses("(value: value is required)", mcp4725.write, {})
refuses("(value: Valid range 0-4095)", mcp4725.write, {value = 4096})
refuses("(save: must be boolean)", mcp4725.write, {value = 1, save = 1})
refuses("(pwrdn: Valid range 0-3)", mcp4725.write, {value = 1, pwrdn = 4})

-- hx711, xpt2046
hx711.init(5, 6)
assert(netmcu.gpio.mode(5) == gpio.OUTPUT and netmcu.gpio.mode(6) == gpio.INPUT and gpio.read(5) == 1)
same("0", hx711.read(0))
local load = netmcu.part("hx711", {pin = 6, load = -123456, b = 77})
same("-123456", hx711.read())
same("77", hx711.read(1))
same("-61728", hx711.read(2))
refuses("bad argument #1 to 'read' (Mode value out of range)", hx711.read, 3)
refuses("bad argument #1 to 'start' (Mode value out of range)", hx711.start, 3, 1, print)
refuses("bad argument #2 to 'start' (Samples value out of range (1-400))", hx711.start, 0, 401, print)
refuses("bad argument #3 to 'start' (Not a callback function)", hx711.start, 0, 1)

-- By gpio: the data pin is low when the part is ready, and each pulse of the clock shows a bit.
load:unplug()
load = netmcu.part("hx711", {pin = 6, clock = 5, load = -123456})
gpio.mode(5, gpio.OUTPUT)
gpio.mode(6, gpio.INPUT)
for edges, wanted in ipairs {-123456, 8000000, 99, 4000000} do -- the edges after a reading choose the next input
  load:set {load = wanted > 0 and 8000000 or wanted, b = 99}
  gpio.write(5, 0)
  assert(gpio.read(6) == 0)
  local raw = 0
  for _ = 1, 24 do
    gpio.write(5, 1)
    raw = raw << 1 | gpio.read(6)
    gpio.write(5, 0)
  end
  gpio.write(5, 1)
  assert(raw == wanted & 0xffffff and gpio.read(6) == 1, raw)
  for _ = 2, edges do
    gpio.write(5, 0)
    gpio.write(5, 1)
  end
end
gpio.write(5, 0)
load:set {failing = "silent"}
assert(gpio.read(6) == 1)
refuses("ADC timeout!", hx711.read)
refuses("gpio 13 does not exist", hx711.init, 13, 1)
load:set {failing = false}
hx711.start(1, 2, expect(function(samples, time, dropped)
  local first, second = string.unpack("<i3i3", samples)
  same("99 99 0", first, second, dropped)
  assert(#samples == 6 and time <= tmr.now())
  hx711.stop()
  load:unplug()
  assert(gpio.read(6) == 0) -- nothing drives the pin
  gpio.write(5, 1)
  gpio.write(5, 0)
  assert(load.count == 0)
end))
refuses("Already running", hx711.start, 0, 1, print)

xpt2046.init(2, 1, 320, 240)
assert(xpt2046.isTouched() == false)
same("65535 65535", xpt2046.getPosition())
local screen = netmcu.part("xpt2046", {pin = 2, x = 3839, y = 341, pressed = 1})
assert(xpt2046.isTouched() == true)
same("341 3839", xpt2046.getRaw())
same("220 20", xpt2046.getPosition())
spi.setup(1, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 8, 16, spi.FULLDUPLEX)
gpio.write(2, 0)
local _, _, first, second, third, fourth = spi.send(1, 0x93, 0, 0xd0, 0, 0)
gpio.write(2, 1)
assert(first << 5 | second >> 3 == 341 and third << 5 | fourth >> 3 == 3839, first)
gpio.write(2, 0)
spi.send(1, 0x93)
gpio.write(2, 1) -- the rest of an answer is lost
gpio.write(2, 0)
assert(select(2, spi.send(1, 0)) == 0)
gpio.write(2, 1)
xpt2046.setCalibration(0, 0, 341, 3839)
same("220 300", xpt2046.getPositionAvg())
screen:set {pressed = 0}
assert(xpt2046.isTouched() == false)
refuses("bad argument #3 to 'init' (wrong arg range)", xpt2046.init, 2, 1, 40, 240)
