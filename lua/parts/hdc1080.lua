-- HDC1080: temperature and humidity (TI, SNAS672A, section 8; the times are also those of the driver
-- hdc100x of Linux). A write chooses one of its 16-bit registers, and a read returns its bytes.
-- Choosing a value starts its conversion, and the part does not acknowledge a read before its end.

local host = require "netmcu.host"
local part = require "netmcu.parts.part"

local TEMP, HUMIDITY, CONFIG, MAKER, DEVICE = 0x00, 0x01, 0x02, 0xfe, 0xff
local BOTH, RESET = 0x1000, 0x8000 -- in the configuration: a measurement has both values
-- By the resolution in the configuration: bits and µs.
local temps = {[0] = {14, 6350}, {11, 3650}}
local humidities = {[0] = {14, 6500}, {11, 3850}, {8, 2500}, {8, 2500}}

local hdc1080 = part.class {
  kind = "hdc1080", bus = "i2c", addresses = {0x40},
  values = {part.temp(-40, 125), part.humidity()},
}

function hdc1080:start()
  self.pointer, self.config = TEMP, BOTH
end

function hdc1080:begin(is_read)
  self.position = 0
  return not is_read or host.now() >= (self.ready or 0)
end

local function resolutions(self)
  return temps[self.config >> 10 & 1], humidities[self.config >> 8 & 3]
end

local function start_conversion(self)
  local temp, humidity = resolutions(self)
  local us = self.pointer == HUMIDITY and humidity[2] or self.config & BOTH ~= 0 and temp[2] + humidity[2] or temp[2]
  self.ready = host.now() + us
end

function hdc1080:receive(byte)
  if self.position == 0 then
    self.pointer = byte
    if byte <= HUMIDITY then
      start_conversion(self)
    end
  elseif self.pointer == CONFIG then
    local shift = self.position == 1 and 8 or 0
    self.config = self.config & ~(0xff << shift) | byte << shift
    self.config = self.config & RESET ~= 0 and BOTH or self.config
  end
  self.position = self.position + 1
end

local function raw(share, bits)
  local steps = math.max(0, math.min(0xffff, math.floor(share * 65536 + 0.5)))
  return string.pack(">I2", steps & -(1 << 16 - bits))
end

local function content(self)
  local temp_resolution, humidity_resolution = resolutions(self)
  local temp = raw((self:value "temp" + 40) / 165, temp_resolution[1])
  local humidity = raw(self:value "humidity" / 100, humidity_resolution[1])
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
