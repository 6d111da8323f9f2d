-- HDC1080: temperature and humidity (TI, SNAS672A). A write chooses one of its 16-bit registers,
-- and a read returns its bytes.

local part = require "netmcu.parts.part"

local TEMP, HUMIDITY, CONFIG, MAKER, DEVICE = 0x00, 0x01, 0x02, 0xfe, 0xff
local BOTH = 0x1000 -- in the configuration: a measurement has both values

local hdc1080 = part.class {
  kind = "hdc1080", bus = "i2c", addresses = {0x40},
  values = {part.temp(-40, 125), part.humidity()},
}

function hdc1080:start()
  self.pointer, self.config = TEMP, BOTH
end

function hdc1080:begin()
  self.position = 0
end

function hdc1080:receive(byte)
  if self.position == 0 then
    self.pointer = byte
  elseif self.pointer == CONFIG then
    local shift = self.position == 1 and 8 or 0
    self.config = self.config & ~(0xff << shift) | byte << shift
  end
  self.position = self.position + 1
end

local function raw(share)
  return string.pack(">I2", math.max(0, math.min(0xffff, math.floor(share * 65536 + 0.5))) & 0xfffc)
end

local function content(self)
  local temp, humidity = raw((self:value "temp" + 40) / 165), raw(self:value "humidity" / 100)
  if self.pointer == TEMP then
    return self.config & BOTH ~= 0 and temp .. humidity or temp
  end
  local answers = {
    [HUMIDITY] = humidity, [CONFIG] = string.pack(">I2", self.config), [MAKER] = "TI", [DEVICE] = "\x10\x50",
  }
  return answers[self.pointer] or "\0\0"
end

function hdc1080:send()
  if self.position == 0 then
    self.bytes = content(self)
  end
  self.position = self.position + 1
  return string.byte(self.bytes, self.position) or 0xff
end

return hdc1080
