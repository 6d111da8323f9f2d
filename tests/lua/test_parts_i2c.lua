-- i2c: what a script does on the buses reaches the parts that are plugged in. Without parts, a bus
-- has plausible defaults; under strict it is empty.

local netmcu = require "netmcu"
local expect = require "expect"

local BUS, SENSOR = 0, 0x76
i2c.setup(BUS, 2, 1, i2c.SLOW)

local function acknowledges(address)
  i2c.start(BUS)
  local answer = i2c.address(BUS, address, i2c.TRANSMITTER)
  i2c.stop(BUS)
  return answer
end

local function read(address, register, count)
  i2c.start(BUS)
  i2c.address(BUS, address, i2c.TRANSMITTER)
  i2c.write(BUS, register)
  i2c.start(BUS)
  i2c.address(BUS, address, i2c.RECEIVER)
  local bytes = i2c.read(BUS, count)
  i2c.stop(BUS)
  return bytes
end

-- Without parts
assert(acknowledges(0x10) and read(0x10, 0, 3) == "\0\0\0")
assert(acknowledges(SENSOR) and read(SENSOR, 0xd0, 1) == "\x60")
netmcu.options {strict = true}
for address = 0, 127 do
  assert(not acknowledges(address))
end
assert(read(SENSOR, 0xd0, 2) == "\xff\xff" and i2c.write(BUS, 1, 2) == 0)
netmcu.options {strict = false}
assert(acknowledges(SENSOR))

-- A part at another address takes the place of the default.
local sensor = netmcu.part("bme280", {address = 0x77})
assert(not acknowledges(SENSOR) and acknowledges(0x77) and acknowledges(0x10))
assert(#netmcu.parts() == 1 and netmcu.parts()[1] == sensor)
sensor:set {failing = "silent"}
assert(not acknowledges(0x77))
sensor:set {failing = false}
assert(acknowledges(0x77))
sensor:unplug()
assert(acknowledges(SENSOR) and #netmcu.parts() == 1)

-- A part that a test has built, on one of the buses
local written = {}
local part = netmcu.i2c.attach(1, 0x20, {
  write = function(data) written[#written + 1] = data end,
  read = function(count) return ("abcdef"):sub(1, count) end,
})
i2c.setup(1, 5, 6, i2c.FAST)
i2c.start(1)
assert(i2c.address(1, 0x20, i2c.TRANSMITTER))
assert(i2c.write(1, 0x12, "34", {0x35, 0x36}) == 5 and i2c.write(1, 255) == 1 and #written == 0)
i2c.start(1)
assert(written[1] == "\x123456\xff" and i2c.address(1, 0x20, i2c.RECEIVER))
assert(i2c.read(1, 2) == "ab" and i2c.read(1, 8) == "abcdef\xff\xff")
i2c.stop(1)
assert(#written == 1 and read(0x20, 0, 1) == "\0") -- bus 0
part:unplug()

-- A part that was asked to send does not listen, and the other way round.
i2c.start(BUS)
i2c.address(BUS, SENSOR, i2c.RECEIVER)
assert(i2c.write(BUS, 1) == 0)
i2c.start(BUS)
i2c.address(BUS, SENSOR, i2c.TRANSMITTER)
assert(i2c.read(BUS, 2) == "\xff\xff")
i2c.stop(BUS)

-- The queues of hardware buses
assert(i2c.setup(i2c.HW0, 2, 1, i2c.SLOW) == 6400) -- the timeout in cycles of the ESP32
assert(i2c.setup(i2c.HW0, 2, 1, i2c.FASTPLUS, 3) == 1920)
local function queue(address)
  i2c.start(i2c.HW0)
  assert(i2c.address(i2c.HW0, address, i2c.TRANSMITTER) == true and i2c.write(i2c.HW0, 0xd0, true) == 1)
  i2c.start(i2c.HW0)
  i2c.address(i2c.HW0, address, i2c.RECEIVER)
  expect.nothing(i2c.read(i2c.HW0, 1))
  i2c.stop(i2c.HW0)
end
queue(SENSOR)
local data, ack = i2c.transfer(i2c.HW0)
assert(data == "\x60" and ack == true)
data, ack = i2c.transfer(i2c.HW0)
assert(data == nil and ack == true)
queue(SENSOR)
local called = false
i2c.transfer(i2c.HW0, expect(function(bytes, is_acknowledged)
  called = true
  assert(bytes == "\x60" and is_acknowledged == true)
end))
assert(not called)
netmcu.wait(function() return called end)
netmcu.part("bme280", {address = SENSOR, failing = "silent"})
queue(SENSOR)
data, ack = i2c.transfer(i2c.HW0, nil)
assert(data == nil and ack == false)

-- Wrong arguments
for text, call in pairs {
  ["i2c 12 does not exist"] = function() i2c.start(12) end,
  ["i2c -1 does not exist"] = function() i2c.stop(-1) end,
  ["i2c 3 is not configured"] = function() i2c.start(3) end,
  ["i2c 0 is not a hardware interface"] = function() i2c.transfer(0) end,
  ["gpio 13 does not exist"] = function() i2c.setup(0, 13, 1, i2c.SLOW) end,
  ["i2c SDA on D0 is not supported"] = function() i2c.setup(0, 0, 1, i2c.SLOW) end,
  ["bad argument #4 to 'setup' (number expected, got no value)"] = function() i2c.setup(0, 2, 1) end,
  ["wrong arg range"] = function() i2c.address(0, 128, i2c.RECEIVER) end,
  ["wrong arg type"] = function() i2c.write(0) end,
  ["not enough memory"] = function() i2c.read(0, 1 << 40) end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end
assert(not pcall(i2c.write, 0, 256) and not pcall(i2c.write, 0, {1, -1}) and not pcall(i2c.write, 0, {{}}))
expect.nothing(i2c.read(0, 0))

expect.finish()
