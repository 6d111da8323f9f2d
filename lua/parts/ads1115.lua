-- ADS1115: four analog inputs (Texas Instruments, SBAS444). The registers are those of section 9.6.
-- The module ads1115 sets the field `chip` of a part. An ADS1015 (SBAS473) differs in its rates,
-- and has 12 bits. The pin ALERT/RDY leads to nothing.

local host = require "netmcu.host"
local part = require "netmcu.parts.part"

local function input(name)
  return {name = name, unit = "V", default = 1, least = -0.3, most = 5.5}
end

local ads1115 = part.class {
  kind = "ads1115", bus = "i2c", addresses = {0x48, 0x49, 0x4a, 0x4b},
  values = {input "a0", input "a1", input "a2", input "a3"}, chip = "ads1115",
  chips = { -- the conversions per second, by the field of the configuration, and the bits of a result
    ads1115 = {rates = {[0] = 8, 16, 32, 64, 128, 250, 475, 860}, mask = 0xffff},
    ads1015 = {rates = {[0] = 128, 250, 490, 920, 1600, 2400, 3300, 3300}, mask = 0xfff0},
  },
}

local CONVERSION, CONFIG = 0, 1
local START, SINGLE_SHOT = 0x8000, 0x0100

-- By the fields of the configuration: the positive and the negative input, the greatest voltage.
local inputs = {[0] = {0, 1}, {0, 3}, {1, 3}, {2, 3}, {0}, {1}, {2}, {3}}
local ranges = {[0] = 6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256}

function ads1115:start()
  self.words = {[CONVERSION] = 0, [CONFIG] = 0x8583, [2] = 0x8000, [3] = 0x7fff}
  self.pointer, self.ready = CONVERSION, nil
end

local function convert(self)
  local config = self.words[CONFIG]
  local plus, minus = table.unpack(inputs[config >> 12 & 7])
  local volt = self:value("a" .. plus) - (minus and self:value("a" .. minus) or 0)
  local steps = math.floor(volt * 32768 / ranges[config >> 9 & 7] + 0.5)
  return math.max(-32768, math.min(32767, steps)) & self.chips[self.chip].mask
end

-- Ends a conversion whose time is over. In continuous mode, another one follows at once.
local function update(self)
  if self.ready and host.now() >= self.ready then
    self.words[CONVERSION] = convert(self)
    if self.words[CONFIG] & SINGLE_SHOT ~= 0 then
      self.ready = nil
    end
  end
end

-- In continuous mode, the part is always converting: its bit 15 never reads as 1
-- (github.com/esphome/esphome/pull/2016).
local function read_word(self)
  update(self)
  if self.pointer == CONFIG then
    return self.words[CONFIG] & 0x7fff | (self.ready and 0 or START)
  end
  return self.words[self.pointer]
end

local function write_config(self, word)
  self.words[CONFIG] = word
  if word & SINGLE_SHOT == 0 or word & START ~= 0 then
    self.ready = host.now() + 900000 // self.chips[self.chip].rates[word >> 5 & 7] -- the rate is up to 10 % higher
  end
end

function ads1115:begin()
  self.position, self.high, self.word = 0, nil, nil
end

-- The first byte chooses a register, two more are written to it.
function ads1115:receive(byte)
  self.position = self.position + 1
  if self.position == 1 then
    self.pointer = byte & 3
  elseif self.position == 2 then
    self.high = byte
  elseif self.position == 3 and self.pointer == CONFIG then
    write_config(self, self.high << 8 | byte)
  elseif self.position == 3 and self.pointer ~= CONVERSION then
    self.words[self.pointer] = self.high << 8 | byte
  end
end

function ads1115:send()
  self.position = self.position + 1
  if self.position % 2 == 1 then
    self.word = read_word(self)
    return self.word >> 8
  end
  return self.word & 0xff
end

-- A general call with 6 resets the part.
function ads1115:general_call(byte)
  if byte == 6 then
    self:start()
  end
end

return ads1115
