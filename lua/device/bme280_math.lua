-- bme280_math: what the firmware's bme280.lua calculates, without access to the sensor.

local argument = require "netmcu.device.argument"
local formulas = require "netmcu.parts.bme280"

local bme280_math = {}

local NORMAL, OVERSAMPLING, STANDBY, FILTER = 3, 5, 7, 4 -- the defaults of setup

-- Returns a setting with this mask, or the default if the value is not a number.
local function setting(value, default, mask)
  return argument.optional_integer(value, default) & mask
end

-- Returns the bytes of the registers 0xF5 (config), 0xF2 and 0xF4 (control).
function bme280_math.registers(temp, pressure, humidity, mode, standby, filter)
  return setting(standby, STANDBY, 7) << 5 | setting(filter, FILTER, 7) << 2, setting(humidity, OVERSAMPLING, 7),
    setting(temp, OVERSAMPLING, 7) << 5 | setting(pressure, OVERSAMPLING, 7) << 2 | setting(mode, NORMAL, 3)
end

local Calibration = {__name = "bme280.calibration"}

-- setup(bytes, ...): the bytes are those of the registers from 0x88 (24), 0xA1 (1) and 0xE1 (7).
-- Returns the calibration, and the bytes of three registers.
function bme280_math.setup(bytes, ...)
  bytes = argument.text(bytes, 1, "setup")
  if #bytes < 24 or #bytes > 24 and #bytes < 32 then
    argument.raise "invalid calibration data"
  end
  local high = #bytes >= 32 and string.sub(bytes, 26, 32) or nil
  local calibration = formulas.calibration(bytes, string.sub(bytes, 25, 25), high)
  local config, humidity, control = bme280_math.registers(...)
  return setmetatable(calibration, Calibration), {string.char(config), string.char(humidity), string.char(control)}
end

-- Returns 1/100 °C, 1/1000 hPa and 1/1000 % for the bytes of the registers from 0xF7, or nil for
-- what was not measured; and t_fine.
function bme280_math.convert(calibration, bytes)
  local raw_temp = string.unpack(">I3", bytes, 4) >> 4
  if raw_temp == 0x80000 or raw_temp == 0xfffff then
    return
  end
  local fine = formulas.fine_temp(raw_temp, calibration)
  local raw_pressure = string.unpack(">I3", bytes) >> 4
  local raw_humidity = #bytes >= 8 and calibration.H1 and string.unpack(">I2", bytes, 7) or 0x8000
  local pressure = raw_pressure ~= 0x80000 and raw_pressure ~= 0xfffff
    and formulas.pressure(raw_pressure, fine, calibration) * 10 // 256
  local humidity = raw_humidity ~= 0x8000 and raw_humidity ~= 0xffff
    and formulas.humidity(raw_humidity, fine, calibration) * 1000 // 1024
  return formulas.temp(fine), pressure or nil, humidity or nil, fine
end

-- The functions below can be called as methods of the sensor, which they do not need.
local function without_self(fn, name)
  return function(a, b, c)
    if type(a) == "table" then
      a, b = b, c
    end
    return fn(argument.number(a, 1, name), argument.number(b, 2, name))
  end
end

-- The pressure at sea level, for an altitude in m; the altitude; the dew point: those of the
-- firmware.
local EXPONENT, RATE = 5.25588, 2.25577e-5

bme280_math.qfe2qnh = without_self(function(pressure, altitude)
  return pressure * (1 - RATE * altitude) ^ -EXPONENT
end, "qfe2qnh")

bme280_math.altitude = without_self(function(pressure, at_sea_level)
  return (1 - (pressure / at_sea_level) ^ (1 / EXPONENT)) / RATE
end, "altitude")

bme280_math.dewpoint = without_self(function(humidity, temp)
  local sum = math.log(humidity / 100) + 17.67 * temp / (243.5 + temp)
  return 243.5 * sum / (17.67 - sum)
end, "dewpoint")

-- read(calibration, bytes [, altitude]): returns °C, hPa, %, and hPa at sea level.
function bme280_math.read(calibration, bytes, altitude)
  argument.object(calibration, Calibration, "read")
  bytes = argument.text(bytes, 2, "read")
  if #bytes ~= 8 and #bytes ~= 6 then
    argument.raise "invalid readout data"
  end
  local temp, pressure, humidity = bme280_math.convert(calibration, bytes)
  if not temp then
    return
  end
  pressure, humidity = pressure and pressure / 1000, humidity and humidity / 1000
  if pressure and tonumber(altitude) then
    return temp / 100, pressure, humidity, bme280_math.qfe2qnh(pressure, argument.integer(altitude))
  end
  return temp / 100, pressure, humidity
end

local api = {}
for _, name in ipairs {"setup", "read", "qfe2qnh", "altitude", "dewpoint"} do
  api[name] = bme280_math[name]
end

return {api = api, math = bme280_math}
