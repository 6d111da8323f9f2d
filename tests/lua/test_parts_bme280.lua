-- A BME280 gives a script that reads its registers the same values as one that uses the modules
-- bme280 and bme280_math.

local netmcu = require "netmcu"
local expect = require "expect"
local i2c_bus = require "i2c_bus"

local BUS, ADDRESS = 0, 0x76
i2c.setup(BUS, 2, 1, i2c.SLOW)

local function write(register, ...)
  return i2c_bus.write(ADDRESS, register, ...)
end

local function read(register, count)
  return i2c_bus.registers(ADDRESS, register, count)
end

-- The formulas for floating point of the data sheet (BST-BME280-DS002, 8.1).
local function measure()
  local t1, t2, t3, p1, p2, p3, p4, p5, p6, p7, p8, p9 = string.unpack("<I2i2i2I2i2i2i2i2i2i2i2i2", read(0x88, 24))
  local h1, h2, h3, e4, e5, e6, h6 = read(0xa1, 1):byte(), string.unpack("<i2Bi1Bi1i1", read(0xe1, 7))
  local h4, h5 = e4 * 16 + e5 % 16, e6 * 16 + e5 // 16
  local p, t, h = string.unpack(">I3I3I2", read(0xf7, 8))
  p, t = p / 16, t / 16
  local one = (t / 16384 - t1 / 1024) * t2
  local two = (t / 131072 - t1 / 8192) ^ 2 * t3
  local fine = one + two
  one = fine / 2 - 64000
  two = one * one * p6 / 32768
  two = two + one * p5 * 2
  two = two / 4 + p4 * 65536
  one = (p3 * one * one / 524288 + p2 * one) / 524288
  one = (1 + one / 32768) * p1
  local pressure = (1048576 - p - two / 4096) * 6250 / one
  one = p9 * pressure * pressure / 2147483648
  two = pressure * p8 / 32768
  pressure = pressure + (one + two + p7) / 16
  local x = fine - 76800
  x = (h - (h4 * 64 + h5 / 16384 * x)) * (h2 / 65536 * (1 + h6 / 67108864 * x * (1 + h3 / 67108864 * x)))
  return fine / 5120, pressure / 100, x * (1 - h1 * x / 524288)
end

local function near(value, wanted, tolerance)
  assert(math.abs(value - wanted) <= tolerance, value .. ", not " .. wanted)
end

local function wait(ms)
  tmr.delay(ms * 1000)
end

assert(read(0xd0, 1) == "\x60")
for _, values in ipairs {{20, 1013.25, 50}, {-39.5, 301, 5}, {84, 1099, 99}, {0, 987.65, 61.5}} do
  local temp, pressure, humidity = table.unpack(values)
  netmcu.part("bme280", {temp = temp, pressure = pressure, humidity = humidity})
  expect.nothing(bme280.read()) -- nothing was measured yet
  write(0xf2, 1)
  write(0xf4, 0x27)
  wait(10) -- the data sheet says 9.3 ms
  local t, p, h = measure()
  near(t, temp, 0.01)
  near(p, pressure, 0.01)
  near(h, humidity, 0.05)

  assert(bme280.setup(1, 1, 1) == 2)
  wait(10)
  t, p, h = bme280.read()
  near(t, temp * 100, 1)
  near(p, pressure * 1000, 10)
  near(h, humidity * 1000, 50)
  assert(bme280.temp() == t and bme280.baro() == p and bme280.humi() == h and select(4, bme280.read(100)) > p)
end

-- Forced mode: one measurement, then the part sleeps.
assert(bme280.setup(1, 1, 1, 0) == 2)
local part = netmcu.part("bme280", {temp = 30})
local called = false
bme280.startreadout(12, expect(function()
  part:set {temp = 10}
  assert(bme280.read() == 3000 and read(0xf4, 1):byte() & 3 == 0 and bme280.read() == 3000)
  called = true
end))
netmcu.wait(function() return called end)

-- Oversampling 0 skips a measurement.
bme280.setup(1, 0, 0, 3)
wait(5)
local t, p, h = bme280.read()
assert(t == 1000 and p == nil and h == nil)

-- A sensor with methods, as in newer firmware
part:set {temp = -5.25, humidity = 33, pressure = 1000}
local sensor = assert(bme280.setup(0, nil, 1, 1, 1))
wait(10)
t, p, h = sensor:read()
near(t, -5.25, 0.01)
near(p, 1000, 0.01)
near(h, 33, 0.05)
near(sensor:qfe2qnh(1000, 100), 1011.93, 0.02)
near(sensor:altitude(1000, 1011.93), 100, 0.5)
near(sensor:dewpoint(50, 20), 9.27, 0.01)
assert(bme280.qfe2qnh(980000, 320) == 1018035 and bme280.altitude(1000000, 1013250) == 11088)
assert(bme280.dewpoint(50000, 2000) == 927 and bme280.dewpoint(50000, -1000) == -1846)
assert(sensor:setup(0, 1) == sensor and sensor:setup(0, 2) == nil)
called = false
sensor:startreadout(expect(function(temp)
  near(temp, -5.25, 0.01)
  called = true
end), 12)
netmcu.wait(function() return called end)

-- A bit says that the chip measures. A busy machine may pause for longer than that, so this tries again.
repeat
  write(0xf4, 0xb5)
until read(0xf3, 1) == "\8"
repeat
  tmr.delay(1000)
until read(0xf3, 1) == "\0"
assert(read(0xf4, 1) == "\xb4") -- asleep

write(0xf4, 0x27)
wait(10)
assert(bme280.setup(0, 2) == nil) -- no sensor at 0x77

-- The module that calculates only
local calibration, registers = bme280_math.setup(read(0x88, 24) .. read(0xa1, 1) .. read(0xe1, 7), 1, 1, 1)
write(0xf5, registers[1])
write(0xf2, registers[2])
write(0xf4, registers[3])
wait(10)
t, p, h = bme280_math.read(calibration, read(0xf7, 8))
near(t, -5.25, 0.01)
near(p, 1000, 0.01)
near(h, 33, 0.05)
assert(select("#", bme280_math.read(calibration, read(0xf7, 6))) == 3)
assert(not pcall(bme280_math.read, calibration, "short") and not pcall(bme280_math.setup, "short"))
assert(not pcall(bme280_math.read, {}, read(0xf7, 8)))

-- Failures
part:set {failing = "range"}
write(0xf4, 0x27)
wait(10)
assert(bme280.read() > 8500)
part:set {failing = "silent"}
assert(not write(0xf4, 0x27) and bme280.read() == nil and sensor:read() == nil and bme280.setup() == nil)
part:unplug()
netmcu.options {strict = true}
assert(bme280.setup() == nil and not write(0xf4, 0x27) and bme280.init(2, 1) == nil)
netmcu.options {strict = false}
assert(bme280.init(2, 1) == 2)

expect.finish()
