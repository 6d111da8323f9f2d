-- Modules of the catalogue: temperature, humidity and pressure.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local common = require "netmcu.device.catalogue_common"
local crc16 = require("netmcu.parts.ow").crc16
local formulas = require "netmcu.parts.bme680"

local after, delay, round = common.after, common.delay, common.round

local modules = {}

-- --- hdc1080, am2320 ---

-- Starts a measurement, and returns its result, 20 ms later, as a share from 0 to 1.
local function measure_hdc1080(register)
  bus.send(0, 0x40, register)
  delay(20000)
  return string.unpack(">I2", bus.receive(0, 0x40, 2) or "\xff\xff") / 65536
end

local function set_up_hdc1080()
  bus.send(0, 0x40, 2, 0, 0)
end

modules.hdc1080 = {
  part = "hdc1080", address = 0x40,
  {"setup()", set_up_hdc1080},
  {"init(pin, pin)", common.init(set_up_hdc1080)},
  {"read() → number, number", function()
    return measure_hdc1080(0) * 165 - 40, measure_hdc1080(1) * 100
  end},
}

local AM2320 = 0x5c

-- Returns registers of an AM2320, which has to be woken up first.
local function read_am2320(first, count)
  bus.send(0, AM2320)
  delay(800)
  bus.send(0, AM2320, 3, first, count)
  delay(1500)
  local bytes = bus.receive(0, AM2320, count + 4)
  local data = bytes and string.sub(bytes, 1, -3)
  if not data or string.sub(data, 1, 2) ~= string.char(3, count)
    or string.pack("<I2", crc16(data, 0xffff)) ~= string.sub(bytes, -2) then
    argument.raise "transmission error"
  end
  return string.sub(data, 3)
end

local function set_up_am2320()
  local model, version, serial = string.unpack(">I2BI4", read_am2320(8, 7))
  return model, version, serial
end

modules.am2320 = {
  part = "am2320", address = 0x5c,
  {"setup() → number, number, number", set_up_am2320},
  {"init(pin, pin) → number, number, number", function(sda, scl)
    common.set_up_bus(sda, scl)
    return set_up_am2320()
  end},
  {"read() → number, number", function()
    local humidity, temp = string.unpack(">I2I2", read_am2320(0, 4))
    return humidity, temp & 0x8000 ~= 0 and -(temp & 0x7fff) or temp
  end},
}

-- --- bme680 ---

local OVERSAMPLING_TEMP, OVERSAMPLING_PRESSURE, OVERSAMPLING_HUMIDITY, FILTER, HEATING = 2, 5, 1, 5, 100
-- The settings are those before setup on the device; `address` and `calibration` are there after it.
local bme680 = {temp = 0, pressure = 0, humidity = 0, heating = 0}

local function to_sea_level(pressure, altitude)
  return round(pressure * (1.0 - 2.25577e-5 * altitude) ^ -5.25588)
end

local function put(register, byte)
  bus.send(0, bme680.address, register, byte)
end

-- Returns the byte of a heating time in ms: six bits, and a power of 4 by which they are multiplied.
local function heating_byte(ms)
  local power = 0
  while ms > 63 and power < 3 do
    ms, power = ms // 4, power + 1
  end
  return math.min(ms, 63) | power << 6
end

-- The heater's temperature is not written: the part does not heat.
local function configure_bme680(temp, pressure, humidity, heating, filter)
  bme680.temp, bme680.pressure = (temp or OVERSAMPLING_TEMP) & 7, (pressure or OVERSAMPLING_PRESSURE) & 7
  bme680.humidity, bme680.heating = (humidity or OVERSAMPLING_HUMIDITY) & 7, heating or HEATING
  put(0x64, heating_byte(bme680.heating))
  put(0x75, ((filter or FILTER) & 7) << 2)
  put(0x74, bme680.temp << 5 | bme680.pressure << 2)
  put(0x72, bme680.humidity)
  put(0x71, 0x10) -- measures the gas
end

-- As on the device, the part at the first address is preferred.
local function open_bme680()
  for _, address in ipairs {0x76, 0x77} do
    local low = bus.registers(0, address, 0x8a, 23)
    if low then
      bme680.address, bme680.calibration = address, formulas.calibration(low, bus.registers(0, address, 0xe1, 14))
      return true
    end
  end
end

modules.bme680 = {
  part = "bme680", address = 0x76,
  {"setup([value [, value [, value [, value [, ms [, value [, value]]]]]]]) → number or nil",
  function(temp, pressure, humidity, _, heating, filter, is_cold)
    if not open_bme680() then
      return
    elseif is_cold ~= 0 then
      configure_bme680(temp, pressure, humidity, heating, filter)
    end
    return 1
  end},
  -- The default time is the firmware's, which is too short for the default settings.
  {"startreadout([ms [, function()]])", function(ms, fn)
    if bme680.address then
      put(0x72, bme680.humidity)
      put(0x74, bme680.temp << 5 | bme680.pressure << 2 | 1)
    end
    if fn then
      local cycles = bme680.temp + bme680.pressure + bme680.humidity
      after(ms ~= nil and ms > 0 and ms or bme680.heating + (cycles * 1963 + 477 * 9 + 500) // 1000 + 1, fn)
    end
  end},
  {"read([altitude]) → number or nil, number or nil, number or nil, number or nil, number or nil", function(altitude)
    local bytes = bme680.address and bus.registers(0, bme680.address, 0x1d, 15)
    if not bytes or string.byte(bytes) & 0x80 == 0 then
      return
    end
    local c = bme680.calibration
    local raw_pressure, raw_temp, raw_humidity, raw_gas = string.unpack(">I3I3I2xxxI2", bytes, 3)
    local fine = formulas.fine_temp(raw_temp >> 4, c)
    local pressure = formulas.pressure(raw_pressure >> 4, fine, c)
    return formulas.temp(fine), pressure, formulas.humidity(raw_humidity, fine, c),
      formulas.resistance(raw_gas >> 6, raw_gas & 15), altitude and to_sea_level(pressure, altitude)
  end},
  {"qfe2qnh(pressure, altitude) → number", to_sea_level},
  {"altitude(pressure, pressure) → number", function(pressure, sea_level)
    return round((1.0 - (pressure / sea_level) ^ (1 / 5.25588)) / 2.25577e-5 * 100)
  end},
  {"dewpoint(humidity, temp) → number", function(humidity, temp)
    temp = temp / 100
    local c = math.log(humidity / 100000) + 17.67 * temp / (243.5 + temp)
    return round(243.5 * c / (17.67 - c) * 100)
  end},
}

return modules
