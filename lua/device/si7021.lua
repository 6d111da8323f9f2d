-- si7021: reads a SI7021 at address 0x40 of bus 0.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local crc = require "netmcu.parts.si7021".crc
local parts = require "netmcu.parts.init"

local si7021 = {
  RH12_TEMP14 = 0x00, RH08_TEMP12 = 0x01, RH10_TEMP13 = 0x80, RH11_TEMP11 = 0x81,
  HEATER_ENABLE = 0x04, HEATER_DISABLE = 0x00,
}

local BUS, ADDRESS = 0, 0x40
local HUMIDITY, LAST_TEMP, RESET, READ_USER, WRITE_USER, READ_HEATER, WRITE_HEATER =
  0xe5, 0xe0, 0xfe, 0xe7, 0xe6, 0x11, 0x51

-- A bus that nothing drives reads as ones.
local function read(count, ...)
  bus.send(BUS, ADDRESS, ...)
  return bus.receive(BUS, ADDRESS, count) or string.rep("\xff", count)
end

local function check_crc(bytes, sum)
  if crc(bytes) ~= sum then
    argument.raise "crc error"
  end
end

function si7021.setup()
  parts.find("si7021", {bus = BUS, address = ADDRESS})
  bus.send(BUS, ADDRESS, RESET)
  if read(1, READ_USER) ~= "\x3a" then
    argument.raise "found no device"
  end
end

local function thousandths(number)
  return argument.integer((number - argument.integer(number)) * 1000)
end

-- Returns %, °C, and the thousandths of both.
function si7021.read()
  local bytes = read(3, HUMIDITY)
  check_crc(string.sub(bytes, 1, 2), string.byte(bytes, 3))
  local humidity = string.unpack(">I2", bytes) * 125 / 65536 - 6
  local temp = string.unpack(">I2", (read(2, LAST_TEMP))) * 175.72 / 65536 - 46.85
  return humidity, temp, thousandths(humidity), thousandths(temp)
end

-- Returns the bytes of an answer in which a checksum follows each `step` bytes.
local function without_checksums(bytes, step)
  local data = ""
  for i = 1, #bytes, step + 1 do
    data = data .. string.sub(bytes, i, i + step - 1)
    check_crc(data, string.byte(bytes, i + step))
  end
  return data
end

function si7021.serial()
  local first, second = without_checksums(read(8, 0xfa, 0x0f), 1), without_checksums(read(6, 0xfc, 0xc9), 2)
  return string.unpack(">I4", first), (string.unpack(">I4", second))
end

function si7021.firmware()
  return string.byte(read(1, 0x84, 0xb8))
end

local function check_heater(heater, current)
  if not tonumber(current) then
    argument.raise "wrong arg range"
  end
  heater, current = argument.integer(heater, 2, "setting"), argument.integer(current, 3, "setting")
  if heater ~= si7021.HEATER_ENABLE and heater ~= si7021.HEATER_DISABLE then
    argument.raise "Invalid argument: heater"
  elseif current < 0 or current > 15 then
    argument.raise "Invalid argument: heater_setting"
  end
  return heater, current
end

local function check_resolution(resolution)
  if not tonumber(resolution) then
    argument.raise "wrong arg range"
  end
  resolution = argument.integer(resolution, 1, "setting")
  if resolution & ~0x81 ~= 0 then
    argument.raise "Invalid argument: resolution"
  end
  return resolution
end

-- Returns the resolution (0 to 3), whether the voltage is low, whether the heater is on, and its
-- current (0 to 15).
function si7021.setting(resolution, heater, current)
  resolution = check_resolution(resolution)
  if tonumber(heater) then
    heater, current = check_heater(heater, current)
    bus.send(BUS, ADDRESS, WRITE_HEATER, current)
  end
  bus.send(BUS, ADDRESS, WRITE_USER, resolution | 0x3a | (tonumber(heater) and heater or 0))
  local user = string.byte(read(1, READ_USER))
  return user >> 6 & 2 | user & 1, user >> 6 & 1, user >> 2 & 1, string.byte(read(1, READ_HEATER)) & 15
end

return {api = si7021}
