-- bmp085: reads a BMP085 or BMP180 at address 0x77 of bus 0.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local common = require "netmcu.device.catalogue_common"
local formulas = require "netmcu.parts.bmp180"
local parts = require "netmcu.parts.init"

local bmp085 = {}

local BUS, ADDRESS = 0, 0x77
local DURATIONS = {4500, 7500, 13500, 25500} -- µs, by the oversampling

local calibration

-- As on the device, the words are all ones if no sensor answers.
function bmp085.setup()
  parts.find("bmp180", {bus = BUS, address = ADDRESS})
  calibration = formulas.calibration(bus.registers(BUS, ADDRESS, 0xaa, 22) or string.rep("\xff", 22))
end

-- Older firmware: also sets the bus up.
function bmp085.init(sda, scl)
  if not tonumber(sda) or not tonumber(scl) then
    argument.raise "wrong arg range"
  end
  common.set_up_bus(sda, scl)
  bmp085.setup()
end

-- Returns the bytes of a conversion.
local function convert(control, us)
  if not calibration then
    bmp085.setup()
  end
  bus.send(BUS, ADDRESS, 0xf4, control)
  require "tmr".delay(us)
  return bus.registers(BUS, ADDRESS, 0xf6, 3) or "\xff\xff\xff"
end

local function fine_temp()
  return formulas.fine_temp(string.unpack(">I2", convert(0x2e, DURATIONS[1])), calibration)
end

-- Returns 1/10 °C.
function bmp085.temperature()
  return formulas.temp(fine_temp())
end

-- As on the device, a number below 0 is one of the highest.
local function check_oversampling(oversampling)
  return math.min(3, argument.optional_integer(oversampling, 0) & 0xff)
end

function bmp085.pressure_raw(oversampling)
  oversampling = check_oversampling(oversampling)
  return string.unpack(">I3", convert(0x34 + 64 * oversampling, DURATIONS[oversampling + 1])) >> 8 - oversampling
end

-- Returns Pa.
function bmp085.pressure(oversampling)
  oversampling = check_oversampling(oversampling)
  local raw = bmp085.pressure_raw(oversampling)
  return formulas.pressure(raw, fine_temp(), oversampling, calibration)
end

return {api = bmp085}
