-- Modules of the catalogue: light, and the converter mcp4725.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local parts = require "netmcu.parts.init"
local common = require "netmcu.device.catalogue_common"

local after, delay, read = common.after, common.delay, common.read

local modules = {}

-- --- tsl2561, tcs34725 ---

local TSL_OK, TSL_NOT_SET_UP = 0, 3
local LONGEST_TIME, LOW_GAIN, HIGH_GAIN = 2, 0, 0x10 -- the first two are those after init
local tsl = {address = 0x39, package = 1} -- `timing`, `gain` and `is_ready` after init

-- The segments of the formulas in the data sheet, by the package of the chip: the highest ratio,
-- and the factors of the channels.
local segments = {
  [0] = {{0.130, 0.0315, 0.0262}, {0.260, 0.0337, 0.0430}, {0.390, 0.0363, 0.0529}, {0.520, 0.0392, 0.0605},
    {0.65, 0.0229, 0.0291}, {0.80, 0.0157, 0.0180}, {1.3, 0.00338, 0.00260}},
  {{0.125, 0.0304, 0.0272}, {0.250, 0.0325, 0.0440}, {0.375, 0.0351, 0.0544}, {0.50, 0.0381, 0.0624},
    {0.61, 0.0224, 0.0310}, {0.80, 0.0128, 0.0153}, {1.3, 0.00146, 0.00112}},
}

local tsl_delays = {[0] = 14000, 102000, 404000}
local tsl_scales = {[0] = 322 / 11, 322 / 81, 1}

local function write_timing()
  parts.find("tsl2561", {bus = 0, address = tsl.address})
  bus.send(0, tsl.address, 0x80, 3)
  bus.send(0, tsl.address, 0x81, tsl.timing | tsl.gain)
  bus.send(0, tsl.address, 0x80, 0)
end

local function read_light()
  bus.send(0, tsl.address, 0x80, 3)
  delay(tsl_delays[tsl.timing])
  local all, infrared = string.unpack("<I2I2", read(tsl.address, 0xac, 4))
  bus.send(0, tsl.address, 0x80, 0)
  return all, infrared
end

local function lux(all, infrared)
  local scale = tsl_scales[tsl.timing] * (tsl.gain == LOW_GAIN and 16 or 1)
  local ratio = all == 0 and 0 or infrared / all
  for _, segment in ipairs(segments[tsl.package]) do
    if ratio <= segment[1] + 0.001 then -- the counts are rounded
      return math.max(0, math.floor((all * segment[2] - infrared * segment[3]) * scale + 0.5))
    end
  end
  return 0
end

modules.tsl2561 = {
  part = "tsl2561",
  constants = {
    TSL2561_OK = TSL_OK, TSL2561_ERROR_I2CINIT = 1, TSL2561_ERROR_I2CBUSY = 2, TSL2561_ERROR_NOINIT = TSL_NOT_SET_UP,
    TSL2561_ERROR_LAST = 4, INTEGRATIONTIME_13MS = 0, INTEGRATIONTIME_101MS = 1, INTEGRATIONTIME_402MS = 2,
    GAIN_1X = LOW_GAIN, GAIN_16X = HIGH_GAIN, ADDRESS_GND = 0x29, ADDRESS_FLOAT = 0x39, ADDRESS_VDD = 0x49,
    PACKAGE_CS = 0, PACKAGE_T_FN_CL = 1,
  },
  {"init(pin, pin [, address [, value]]) → number", function(sda, scl, address, package)
    common.set_up_bus(sda, scl)
    argument.check(not address or address == 0x29 or address == 0x39 or address == 0x49, 3, "init", "invalid address")
    argument.check(not package or segments[package], 4, "init", "invalid package")
    tsl.address, tsl.package, tsl.is_ready = address or 0x39, package or 1, true
    tsl.timing, tsl.gain = LONGEST_TIME, LOW_GAIN
    write_timing()
    return TSL_OK
  end},
  {"settiming([value [, value]]) → number", function(timing, gain)
    timing, gain = timing or LONGEST_TIME, gain or LOW_GAIN
    if not tsl_delays[timing] then
      argument.raise "wrong range for arg integration"
    elseif gain ~= LOW_GAIN and gain ~= HIGH_GAIN then
      argument.raise "wrong range for arg gain"
    elseif not tsl.is_ready then
      return TSL_NOT_SET_UP
    end
    tsl.timing, tsl.gain = timing, gain
    write_timing()
    return TSL_OK
  end},
  {"getlux() → number, number", function()
    if not tsl.is_ready then
      return 0, TSL_NOT_SET_UP
    end
    return lux(read_light()), TSL_OK
  end},
  {"getrawchannels() → number, number, number", function()
    if not tsl.is_ready then
      return 0, 0, TSL_NOT_SET_UP
    end
    local all, infrared = read_light()
    return all, infrared, TSL_OK
  end},
}

local TCS = 0x29
local tcs_is_ready = false

local function set_up_tcs34725()
  if read(TCS, 0x92, 1) ~= "\x44" then
    argument.raise "No TCS34725 found."
  end
  return 1
end

local function check_tcs34725()
  if not tcs_is_ready then
    argument.raise "TCS34725 not initialised."
  end
end

modules.tcs34725 = {
  part = "tcs34725", address = 0x29,
  {"setup() → number", set_up_tcs34725},
  {"enable(anything)", function(fn)
    if type(fn) ~= "function" then
      argument.raise "Enable argument must be a function."
    end
    bus.send(0, TCS, 0x80, 1)
    after(30, function()
      bus.send(0, TCS, 0x80, 3)
      bus.send(0, TCS, 0x81, 0xff) -- the time
      bus.send(0, TCS, 0x8f, 3) -- the gain
      tcs_is_ready = true
      fn()
    end)
  end},
  {"disable()", function()
    bus.send(0, TCS, 0x80, 0)
    tcs_is_ready = false
  end},
  {"raw() → number, number, number, number", function()
    check_tcs34725()
    local clear, red, green, blue = string.unpack("<I2I2I2I2", read(TCS, 0x94, 8))
    return clear, red, green, blue
  end},
  {"setGain(value)", function(gain)
    check_tcs34725()
    bus.send(0, TCS, 0x8f, gain & 3)
  end},
  {"setIntegrationTime(value)", function(time)
    if not tcs_is_ready then
      set_up_tcs34725()
    end
    bus.send(0, TCS, 0x81, time & 0xff)
  end},
}

-- --- mcp4725 ---

local function fail_option(problem)
  argument.fail(1, "write", problem)
end

local function option(options, name, most, range)
  local value = options[name]
  if value == nil then
    return 0
  elseif not tonumber(value) then
    fail_option(name .. ": Must be number")
  end
  value = argument.integer(value, 1, "write")
  if value < 0 or value > most then
    fail_option(name .. ": " .. range)
  end
  return value
end

local function mcp4725_address(options)
  local address = 0x60
  for bit, name in ipairs {"A0", "A1", "A2"} do
    address = address | option(options, name, 1, "Must be 0 or 1") << bit - 1
  end
  parts.find("mcp4725", {bus = 0, address = address})
  return address
end

modules.mcp4725 = {
  part = "mcp4725",
  constants = {PWRDN_NONE = 0, PWRDN_1K = 1, PWRDN_100K = 2, PWRDN_500K = 3},
  {"write(options)", function(options)
    local address = mcp4725_address(options)
    if options.value == nil then
      fail_option "value: value is required"
    end
    local value = option(options, "value", 4095, "Valid range 0-4095")
    if options.save ~= nil and type(options.save) ~= "boolean" then
      fail_option "save: must be boolean"
    end
    local command = (options.save and 0x60 or 0x40) | option(options, "pwrdn", 3, "Valid range 0-3") << 1
    bus.send(0, address, command, value >> 4, value << 4 & 0xff)
  end},
  {"read([options]) → number, number, number, number, number, number", function(options)
    local address = mcp4725_address(options or {})
    local status, value, stored = string.unpack(">BI2I2", bus.receive(0, address, 5) or "\xff\xff\xff\xff\xff")
    return status >> 1 & 3, value >> 4, stored >> 13 & 3, stored & 0xfff, status >> 7, status >> 6 & 1
  end},
}

return modules
