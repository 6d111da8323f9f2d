-- A SI7021 gives a script that sends its commands the same values as one that uses the module.

if not require "simulated" () then return end

local netmcu = require "netmcu"
local expect = require "expect"

local BUS, ADDRESS = 0, 0x40
i2c.setup(BUS, 2, 1, i2c.SLOW)

local function send(...)
  i2c.start(BUS)
  local answer = i2c.address(BUS, ADDRESS, i2c.TRANSMITTER)
  i2c.write(BUS, ...)
  i2c.stop(BUS)
  return answer
end

local function receive(count)
  i2c.start(BUS)
  local answer = i2c.address(BUS, ADDRESS, i2c.RECEIVER)
  local bytes = answer and i2c.read(BUS, count)
  i2c.stop(BUS)
  return bytes
end

local function near(value, wanted, tolerance)
  assert(math.abs(value - wanted) <= tolerance, value .. ", not " .. wanted)
end

si7021.setup() -- a default
near(select(2, si7021.read()), 20, 0.01)

local part = netmcu.part("si7021", {temp = -12.5, humidity = 77})
si7021.setup()
local humidity, temp, humidity_thousandths, temp_thousandths = si7021.read()
near(humidity, 77, 0.02)
near(temp, -12.5, 0.02)
assert(humidity_thousandths == (humidity * 1000 // 1) % 1000 and temp_thousandths <= 0)
assert(si7021.firmware() == 0x20)
local first, second = si7021.serial()
assert(first > 0 and second >> 24 == 0x15)
local settings = {si7021.setting(si7021.RH10_TEMP13, si7021.HEATER_ENABLE, 3)}
assert(table.concat(settings, " ") == "2 0 1 3", table.concat(settings, " "))
settings = {si7021.setting(si7021.RH12_TEMP14)}
assert(table.concat(settings, " ") == "0 0 0 3", table.concat(settings, " "))

-- The formulas of the data sheet. While the part measures, it does not acknowledge its address.
send(0xf3)
assert(not receive(3))
tmr.delay(8000)
local data = receive(3)
near(string.unpack(">I2", data) * 175.72 / 65536 - 46.85, -12.5, 0.02)
send(0xe5)
data = receive(3)
near(string.unpack(">I2", data) * 125 / 65536 - 6, 77, 0.02)
assert(data:byte(2) & 3 == 2) -- what was measured
send(0xe0)
near(string.unpack(">I2", receive(2)) * 175.72 / 65536 - 46.85, -12.5, 0.02)

-- A lower resolution is faster, and has fewer bits.
for resolution, expected in pairs {
  [si7021.RH08_TEMP12] = {5000, 0xff, 0x0f}, [si7021.RH10_TEMP13] = {7700, 0x3f, 0x07},
  [si7021.RH11_TEMP11] = {7300, 0x1f, 0x1f}, [si7021.RH12_TEMP14] = {17000, 0x0f, 0x03},
} do
  si7021.setting(resolution)
  send(0xf5)
  assert(not receive(3))
  tmr.delay(expected[1]) -- µs for humidity and temperature
  data = receive(3)
  near(string.unpack(">I2", data) * 125 / 65536 - 6, 77, 0.3)
  assert(string.unpack(">I2", data) & expected[2] == 2)
  send(0xe0)
  assert(string.unpack(">I2", receive(2)) & expected[3] == 0)
end
si7021.setting(si7021.RH12_TEMP14)

-- The checksum of 0x683A is 0x7C (Sensirion and Silicon Labs give this example).
assert(require "netmcu.parts.si7021".crc "\x68\x3a" == 0x7c)

part:set {failing = "checksum"}
assert(not pcall(si7021.read) and not pcall(si7021.serial))
part:set {failing = "range"}
assert(select(2, si7021.read()) > 125)
part:set {failing = "silent"}
assert(not send(0xe5))
part:unplug()
netmcu.options {strict = true}
local done, problem = pcall(si7021.setup)
assert(not done and problem:find("found no device", 1, true) and not send(0xe5))

for text, call in pairs {
  ["wrong arg range"] = function() si7021.setting() end,
  ["Invalid argument: resolution"] = function() si7021.setting(2) end,
  ["Invalid argument: heater"] = function() si7021.setting(0, 1, 1) end,
  ["Invalid argument: heater_setting"] = function() si7021.setting(0, si7021.HEATER_ENABLE, 16) end,
} do
  done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end
expect.finish()
