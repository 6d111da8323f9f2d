-- bme680: the module and a script that reads the registers itself get the values of the part.

local expect = require "expect"
local formulas = require "netmcu.parts.bme680"
local i2c_bus = require "i2c_bus"
local netmcu = require "netmcu"

local ADDRESS = 0x77
i2c.setup(0, 1, 2, i2c.SLOW)

local function near(wanted, got, most)
  assert(got and math.abs(got - wanted) <= most, ("%s, not %s"):format(got, wanted))
end

local function same(temp, pressure, humidity, gas, ...)
  local got = {...}
  near(temp * 100, got[1], 1)
  near(pressure * 100, got[2], 3)
  near(humidity * 1000, got[3], 10)
  near(gas, got[4], gas / 100)
end

-- Before setup, and with the default part at the first address
assert(select("#", bme680.read()) == 0)
bme680.startreadout()
assert(bme680.setup() == 1)
assert(#netmcu.parts() == 1 and netmcu.parts()[1].kind == "bme680" and netmcu.parts()[1].settings.address == 0x76)

-- Measures through the module: without oversampling and heating, a measurement takes 10.2 ms.
local function measure()
  bme680.setup(1, 1, 1, nil, 0)
  bme680.startreadout()
  tmr.delay(10300)
  return bme680.read(320)
end

local air = netmcu.part("bme680", {address = ADDRESS})
for _, values in ipairs {{-40, 300, 0, 200}, {-1.5, 980, 40, 12345}, {20, 1013.25, 50, 50000}, {85, 1100, 99, 12000000}} do
  air:set {temp = values[1], pressure = values[2], humidity = values[3], gas = values[4]}
  local all = {measure()}
  same(values[1], values[2], values[3], values[4], table.unpack(all))
  near(all[2] * 1.0388, all[5], all[2] / 1000)
  assert(select("#", bme680.read()) == 0) -- a measurement can be read once
end
for power = 8, 23 do -- each range of the gas sensor
  air:set {gas = 1 << power}
  near(1 << power, select(4, measure()), (1 << power) / 100)
end

-- A heater that is on for four seconds
bme680.setup(1, 1, 1, nil, 100)
assert(i2c_bus.registers(ADDRESS, 0x64, 1) == "\x59") -- four times 25 ms
bme680.setup(1, 1, 1, nil, 5000)
assert(i2c_bus.registers(ADDRESS, 0x64, 1) == "\xff" and i2c_bus.registers(ADDRESS, 0x71, 2) == "\x10\1")
bme680.startreadout()
assert(select("#", bme680.read()) == 0 and i2c_bus.registers(ADDRESS, 0x1d, 1) == "\x60")

-- By raw calls: oversampling of 1, a heater that is on for 4 ms, and the calibration's two blocks
air:set {temp = 36.6, pressure = 990, humidity = 12.5, gas = 4711}
assert(i2c_bus.registers(ADDRESS, 0xd0, 1) == "\x61")
local calibration = formulas.calibration(i2c_bus.registers(ADDRESS, 0x89, 25):sub(2, 24), i2c_bus.registers(ADDRESS, 0xe1, 16))
i2c_bus.write(ADDRESS, 0x64, 0x41)
i2c_bus.write(ADDRESS, 0x71, 0x10)
i2c_bus.write(ADDRESS, 0x72, 0x01)
i2c_bus.write(ADDRESS, 0x74, 0x25)
tmr.delay(14300)
local status, pressure, temp, humidity, gas = string.unpack(">BxI3I3I2xxxI2", i2c_bus.registers(ADDRESS, 0x1d, 15))
local fine = formulas.fine_temp(temp >> 4, calibration)
same(36.6, 990, 12.5, 4711, formulas.temp(fine), formulas.pressure(pressure >> 4, fine, calibration),
  formulas.humidity(humidity, fine, calibration), formulas.resistance(gas >> 6, gas & 15))
assert(status == 0x80 and gas & 0x30 == 0x30 and i2c_bus.registers(ADDRESS, 0x74, 1) == "\x24") -- asleep again
i2c_bus.write(ADDRESS, 0x71, 0)
i2c_bus.write(ADDRESS, 0x74, 0x25)
tmr.delay(10300)
assert(i2c_bus.registers(ADDRESS, 0x2b, 1):byte() & 0x30 == 0) -- no gas
i2c_bus.write(ADDRESS, 0x72, 0) -- measures nothing
i2c_bus.write(ADDRESS, 0x74, 0x01)
tmr.delay(4300)
assert(i2c_bus.registers(ADDRESS, 0x1d, 10) == "\x80\0\x80\0\0\x80\0\0\x80\0")
i2c_bus.write(ADDRESS, 0xe0, 0xb6)
assert(i2c_bus.registers(ADDRESS, 0x74, 1) == "\0")

-- Failures, and a part at the first address, which is preferred. Its callback comes after 7 ms.
air:set {failing = "range"}
near(11625, (measure()), 10000)
air:set {failing = "silent"}
assert(select("#", bme680.setup()) == 0 and select("#", bme680.read()) == 0)
netmcu.part("bme680", {address = 0x76, temp = 5})
air:set {failing = false}
bme680.setup(1, 0, 0, nil, 0)
bme680.startreadout(0, expect(function() near(500, (bme680.read()), 1) end))

assert(bme680.dewpoint(50000, 2000) == 927 and bme680.dewpoint(50000, -1000) == -1846)
assert(bme680.altitude(100000, 101325) == 11088 and bme680.qfe2qnh(98000, 320) == 101803)
expect.raises("bad argument #1 to 'startreadout' (number expected, got string)", bme680.startreadout, "x")
expect.finish()
