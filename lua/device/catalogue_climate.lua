-- Modules of the catalogue: temperature, humidity and pressure.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local common = require "netmcu.device.catalogue_common"
local crc16 = require("netmcu.parts.ow").crc16
local parts = require "netmcu.parts.init"

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
  {"init(pin, pin)", function(sda, scl)
    argument.check(sda > 0 and scl > 0, 1, "init", "no i2c for D0")
    set_up_hdc1080()
  end},
  {"read() → number, number", function()
    return measure_hdc1080(0) * 165 - 40, measure_hdc1080(1) * 100
  end},
}

local AM2320 = 0x5c

-- Returns registers of an AM2320.
local function read_am2320(first, count)
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
    common.check_bus_pins(sda, scl)
    return set_up_am2320()
  end},
  {"read() → number, number", function()
    local humidity, temp = string.unpack(">I2I2", read_am2320(0, 4))
    return humidity, temp & 0x8000 ~= 0 and -(temp & 0x7fff) or temp
  end},
}

-- --- bme680: reads the values of its part ---

local bme680 = {heating = 100}

local function to_sea_level(pressure, altitude)
  return round(pressure * (1.0 - 2.25577e-5 * altitude) ^ -5.25588)
end

-- As on the device, the part at the first address is preferred.
local function find_bme680()
  local found
  for _, part in ipairs(parts.list()) do
    if part.kind == "bme680" and part.failing ~= "silent" and (not found or part.settings.address == 0x76) then
      found = part
    end
  end
  return found or parts.find("bme680", {bus = 0, address = 0x76})
end

modules.bme680 = {
  part = "bme680",
  {"setup([value [, value [, value [, value [, ms [, value [, value]]]]]]]) → number or nil",
  function(_, _, _, _, heating)
    local part = find_bme680()
    bme680.part = part and part.failing ~= "silent" and part or nil
    if not bme680.part then
      return
    end
    bme680.heating = heating or 100
    return 1
  end},
  {"startreadout([ms [, function()]])", function(ms, fn)
    bme680.has_data = bme680.part ~= nil
    ms = ms ~= nil and ms > 0 and ms or bme680.heating + 21
    if fn then
      after(ms, fn)
    end
  end},
  {"read([altitude]) → number or nil, number or nil, number or nil, number or nil, number or nil", function(altitude)
    local part = bme680.part
    if not bme680.has_data or part.failing == "silent" then
      return
    end
    bme680.has_data = false
    local pressure = round(part:value "pressure" * 100)
    return round(part:value "temp" * 100), pressure, round(part:value "humidity" * 1000), round(part:value "gas"),
      altitude and to_sea_level(pressure, altitude)
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
