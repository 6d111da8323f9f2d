-- bme280: reads a BME280. The functions are those of the firmware's C module, which has one sensor
-- on bus 0. setup(0, …), with the number of the bus, returns a sensor with methods, as the Lua
-- module of newer firmware does.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local common = require "netmcu.device.catalogue_common"
local math280 = require "netmcu.device.bme280_math".math

local bme280 = {}

local CONFIG, HUMIDITY, CONTROL, ID, DATA = 0xf5, 0xf2, 0xf4, 0xd0, 0xf7
local FORCED = 1
local READOUT = 113 -- ms, what a measurement with the highest oversampling takes

local function registers(sensor, first, count)
  return bus.registers(sensor.id, sensor.addr, first, count)
end

local function put(sensor, register, byte)
  bus.send(sensor.id, sensor.addr, register, byte)
end

-- Returns nil if no sensor answers at this address.
local function open(id, address)
  local sensor = {id = id, addr = address}
  local chip = registers(sensor, ID, 1)
  if not chip then
    return nil
  end
  sensor.is_bme = chip == "\x60"
  local low = registers(sensor, 0x88, 24)
  local all = low .. (sensor.is_bme and registers(sensor, 0xa1, 1) .. registers(sensor, 0xe1, 7) or "")
  sensor.calibration = math280.setup(all)
  return sensor
end

local function configure(sensor, is_cold, ...)
  sensor.config, sensor.humidity, sensor.control = math280.registers(...)
  if is_cold then
    put(sensor, CONFIG, sensor.config)
    if sensor.is_bme then
      put(sensor, HUMIDITY, sensor.humidity)
    end
    put(sensor, CONTROL, sensor.control)
  end
  return sensor
end

local function start(sensor)
  if sensor.is_bme then
    put(sensor, HUMIDITY, sensor.humidity)
  end
  put(sensor, CONTROL, sensor.control & ~3 | FORCED)
end

local function after(ms, callback)
  require "tmr".create():alarm(math.max(1, ms), 0, callback)
end

local function convert(sensor)
  local bytes = sensor and registers(sensor, DATA, 8)
  if bytes then
    return math280.convert(sensor.calibration, bytes)
  end
end

-- --- the sensor with methods ---

local Sensor = {
  __name = "bme280.sensor", qfe2qnh = math280.qfe2qnh, altitude = math280.altitude, dewpoint = math280.dewpoint,
}
Sensor.__index = Sensor

local function new_sensor(id, address, ...)
  local opened = open(id, address == 2 and 0x77 or 0x76)
  return opened and setmetatable(configure(opened, true, ...), Sensor)
end

function Sensor:setup(id, address, ...)
  local new = new_sensor(id, address, ...)
  for key, value in pairs(new or {}) do
    self[key] = value
  end
  return new and self
end

-- Returns °C, hPa, %, and hPa at sea level if the altitude is given; or nil.
function Sensor:read(altitude)
  local bytes = registers(self, DATA, 8)
  if bytes then
    return math280.read(self.calibration, bytes, altitude)
  end
end

-- Measures once, and passes what read returns to the callback.
function Sensor:startreadout(callback, delay, altitude)
  assert(type(callback) == "function", "invalid callback parameter")
  start(self)
  after(argument.optional_integer(delay, READOUT), function() callback(self:read(altitude)) end)
end

-- --- the one sensor of the C module ---

local current -- nil until setup

-- setup([temperature, pressure, humidity, mode, inactive, filter, cold_start]) returns 2 for a
-- BME280, 1 for a BMP280, and nil if no sensor answers.
function bme280.setup(temp, ...)
  if temp == 0 then
    return new_sensor(0, ...)
  end
  local cold = select(6, ...)
  current = open(0, 0x76) or open(0, 0x77)
  if current then
    configure(current, not tonumber(cold) or tonumber(cold) ~= 0, temp, ...)
    return current.is_bme and 2 or 1
  end
end

-- Older firmware: also sets the bus up.
function bme280.init(sda, scl, ...)
  common.set_up_bus(sda, scl)
  return bme280.setup(...)
end

local function round(number)
  return argument.integer(number + (number < 0 and -0.5 or 0.5))
end

-- Returns 1/100 °C, 1/1000 hPa and 1/1000 %; and 1/1000 hPa at sea level, for an altitude in m.
function bme280.read(altitude)
  local temp, pressure, humidity = convert(current)
  if not temp then
    return
  elseif pressure and tonumber(altitude) then
    return temp, pressure, humidity, round(math280.qfe2qnh(pressure, argument.integer(altitude)))
  end
  return temp, pressure, humidity
end

function bme280.temp()
  local temp, _, _, fine = convert(current)
  if temp then
    return temp, fine
  end
end

function bme280.baro()
  local temp, pressure = convert(current)
  if pressure then
    return pressure, temp
  end
end

function bme280.humi()
  local temp, _, humidity = convert(current)
  if humidity then
    return humidity, temp
  end
end

-- Measures once; the callback comes after the delay, in ms.
function bme280.startreadout(delay, callback)
  delay = argument.optional_integer(delay, 0)
  if callback ~= nil then
    argument.typed(callback, 2, "startreadout", "function")
  end
  if current then
    start(current)
  end
  if callback then
    after(delay == 0 and READOUT or delay, callback)
  end
end

function bme280.qfe2qnh(pressure, altitude)
  return round(math280.qfe2qnh(pressure, altitude))
end

function bme280.altitude(pressure, at_sea_level)
  return round(math280.altitude(pressure, at_sea_level) * 100)
end

function bme280.dewpoint(humidity, temp)
  humidity, temp = argument.number(humidity, 1, "dewpoint"), argument.number(temp, 2, "dewpoint")
  return round(math280.dewpoint(humidity / 1000, temp / 100) * 100)
end

return {api = bme280}
