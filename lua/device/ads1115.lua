-- ads1115: reads ADS1115 and ADS1015 converters on bus 0.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local chips = require("netmcu.parts.ads1115").chips
local parts = require "netmcu.parts.init"

local ads1115 = {
  ADDR_GND = 0x48, ADDR_VDD = 0x49, ADDR_SDA = 0x4a, ADDR_SCL = 0x4b,
  GAIN_6_144V = 0x0000, GAIN_4_096V = 0x0200, GAIN_2_048V = 0x0400, GAIN_1_024V = 0x0600, GAIN_0_512V = 0x0800,
  GAIN_0_256V = 0x0a00,
  DR_8SPS = 8, DR_16SPS = 16, DR_32SPS = 32, DR_64SPS = 64, DR_128SPS = 128, DR_250SPS = 250, DR_475SPS = 475,
  DR_490SPS = 490, DR_860SPS = 860, DR_920SPS = 920, DR_1600SPS = 1600, DR_2400SPS = 2400, DR_3300SPS = 3300,
  DIFF_0_1 = 0x0000, DIFF_0_3 = 0x1000, DIFF_1_3 = 0x2000, DIFF_2_3 = 0x3000,
  SINGLE_0 = 0x4000, SINGLE_1 = 0x5000, SINGLE_2 = 0x6000, SINGLE_3 = 0x7000,
  SINGLE_SHOT = 0x0100, CONTINUOUS = 0x0000,
  CONV_RDY_1 = 0, CONV_RDY_2 = 1, CONV_RDY_4 = 2, COMP_1CONV = 0, COMP_2CONV = 1, COMP_4CONV = 2,
  CMODE_TRAD = 0x0000, CMODE_WINDOW = 0x0010,
}

local BUS = 0
local CONVERSION, CONFIG, LOW, HIGH = 0, 1, 2, 3
local START, NO_COMPARATOR, AFTER_RESET = 0x8000, 3, 0x8583

-- The greatest mV by gain, and how many ms a readout waits by conversions per second.
local RANGES = {[0] = 6144, [0x200] = 4096, [0x400] = 2048, [0x600] = 1024, [0x800] = 512, [0xa00] = 256}
local WAITS = {[8] = 150, [16] = 75, [32] = 35, [64] = 20, [128] = 10, [250] = 5, [475] = 3, [490] = 3, [860] = 2,
  [920] = 2}
local SHORTEST_WAIT = 1

local Device = {__name = "ads1115.device"}
Device.__index = Device

function ads1115.reset()
  bus.send(BUS, 0, 6)
end

local function read_word(address, register)
  return string.unpack(">I2", (bus.registers(BUS, address, register, 2) or "\xff\xff"))
end

local function write_word(device, register, word)
  bus.send(BUS, device.address, register, word >> 8 & 255, word & 255)
end

local function opener(chip)
  return function(id, address)
    if not tonumber(id) or not tonumber(address) then
      argument.raise "wrong arg range"
    elseif argument.integer(id, 1, chip) ~= 0 then
      argument.raise "Invalid argument: i2c_id"
    end
    address = argument.integer(address, 2, chip)
    if address & ~3 ~= ads1115.ADDR_GND then
      argument.raise "Invalid argument: adddress"
    end
    local part = parts.find("ads1115", {bus = BUS, address = address})
    if part then
      part.chip = chip -- the chips look alike on the bus: the script knows which one it has
    end
    if read_word(address, CONFIG) ~= AFTER_RESET then
      argument.raise "found no device"
    end
    return setmetatable({address = address, chip = chip, gain = 0, rate = chips[chip].rates[4],
      mode = ads1115.SINGLE_SHOT, config = AFTER_RESET}, Device)
  end
end

ads1115.ads1115, ads1115.ads1015 = opener "ads1115", opener "ads1015"

-- --- settings ---

local function refuse(name)
  argument.raise("Invalid argument: " .. name)
end

local function rate_code(device, rate)
  for code, known in pairs(chips[device.chip].rates) do
    if known == rate then
      return code
    end
  end
  refuse "samples"
end

-- Returns the register's value for a limit in mV.
local function threshold(value, position, gain, channel, name)
  local millivolts, range = argument.integer(value, position, "setting"), RANGES[gain]
  local is_single = channel >= ads1115.SINGLE_0
  if millivolts >= range or millivolts < -range or millivolts < 0 and is_single then
    refuse(name)
  end
  return argument.integer(millivolts * 32768 / range)
end

-- Returns the fields of the comparator, and its two limits. Without limits, the comparator reports
-- the end of a conversion.
local function comparator(gain, channel, queue, low, high, mode)
  if not tonumber(queue) then
    return NO_COMPARATOR, -0x8000, 0x7fff
  end
  queue = argument.integer(queue, 6, "setting")
  if queue < 0 or queue > 2 then
    refuse "conversion ready/comparator mode"
  elseif not tonumber(low) or not tonumber(high) then
    return queue, 0x7fff, -0x8000
  elseif tonumber(low) > tonumber(high) then
    refuse "threshold_low > threshold_hi"
  end
  mode = argument.optional_integer(mode, ads1115.CMODE_TRAD)
  if mode & ~ads1115.CMODE_WINDOW ~= 0 then
    refuse "comparator_mode"
  end
  return queue | mode, threshold(low, 7, gain, channel, "threshold_low"),
    threshold(high, 8, gain, channel, "threshold_hi")
end

local function check_fields(device, gain, rate, channel, mode)
  for _, value in ipairs {gain or false, rate or false, channel or false, mode or false} do
    if not tonumber(value) then
      argument.raise "wrong arg range"
    end
  end
  gain, rate = argument.integer(gain, 2, "setting"), argument.integer(rate, 3, "setting")
  channel, mode = argument.integer(channel, 4, "setting"), argument.integer(mode, 5, "setting")
  if not RANGES[gain] then
    refuse "gain"
  end
  local code = rate_code(device, rate)
  if channel & ~0x7000 ~= 0 then
    refuse "channel"
  elseif mode & ~ads1115.SINGLE_SHOT ~= 0 then
    refuse "mode"
  end
  return gain, rate, code, channel, mode
end

-- setting(gain, samples, channel, mode [, conversions [, low, high [, comparator_mode]]])
function Device:setting(gain, rate, channel, mode, ...)
  argument.object(self, Device, "setting")
  local code
  gain, rate, code, channel, mode = check_fields(self, gain, rate, channel, mode)
  local fields, low, high = comparator(gain, channel, ...)
  self.gain, self.rate, self.mode = gain, rate, mode
  self.config = (mode == ads1115.SINGLE_SHOT and START or 0) | channel | gain | mode | code << 5 | fields
  self.reports_end = low > high
  write_word(self, LOW, low)
  write_word(self, HIGH, high)
  write_word(self, CONFIG, self.config)
end

-- --- readings ---

-- Returns mV, nil, the register's value, and nil. The two other values are for firmware without
-- floating point.
function Device:read()
  argument.object(self, Device, "read")
  local raw = read_word(self.address, CONVERSION)
  return argument.signed(raw << 16) / 65536 * RANGES[self.gain] / 32768, nil, raw, nil
end

-- Starts a conversion. The callback gets what read returns. If the comparator reports the end of a
-- conversion, the script waits for its pin instead, and the callback is not called.
function Device:startread(callback)
  argument.object(self, Device, "startread")
  argument.check(self.reports_end or type(callback) == "function", 2, "startread", "Must be function")
  if self.mode == ads1115.SINGLE_SHOT then
    write_word(self, CONFIG, self.config)
  end
  if not self.reports_end then
    local wait = (WAITS[self.rate] or SHORTEST_WAIT) + 1 -- an alarm may come up to 1 ms early
    require "tmr".create():alarm(wait, 0, function() callback(self:read()) end)
  end
end

-- --- older firmware: the functions of the module use one device ---

local current

function ads1115.setup(address)
  current = ads1115.ads1115(BUS, address)
end

for _, name in ipairs {"setting", "startread", "read"} do
  ads1115[name] = function(...)
    if not current then
      argument.raise "found no device"
    end
    return Device[name](current, ...)
  end
end

return {api = ads1115}
