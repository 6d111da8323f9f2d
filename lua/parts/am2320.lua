-- AM2320: temperature and humidity (Aosong, AM2320 product manual, section 8.2). A read answers the
-- function that was written before: code 3, the first register, and the number of registers.
--
-- The part sleeps until a script addresses it, which it does not acknowledge. It sleeps again after
-- an answer, or 3 s later.

local host = require "netmcu.host"
local crc16 = require("netmcu.parts.ow").crc16
local part = require "netmcu.parts.part"

local READ = 3
local AWAKE = 3000000 -- µs

local am2320 = part.class {
  kind = "am2320", bus = "i2c", addresses = {0x5c}, failures = "silent range checksum",
  values = {part.temp(-40, 80), part.humidity()},
}

function am2320:begin(is_read)
  local now = host.now()
  if now >= (self.asleep or 0) then
    self.asleep = now + AWAKE
    return false
  elseif is_read then
    self.position = 0
  else
    self.command = ""
  end
end

function am2320:finish()
  if self.position then
    self.asleep, self.position = nil, nil
  end
end

function am2320:receive(byte)
  self.command = self.command .. string.char(byte)
  return #self.command <= 16
end

local function round(number)
  return math.floor(number + 0.5)
end

-- All registers. The sign of the temperature is a bit of its own.
local function registers(self)
  local temp = round(self:value "temp" * 10)
  temp = math.abs(temp) | (temp < 0 and 0x8000 or 0)
  return string.pack(">I2I2I4I2BI4", round(self:value "humidity" * 10), temp, 0, 0x2320, 1, 0x4e4d4355)
    .. string.rep("\0", 17)
end

local function answer(self)
  local code, first, count = string.byte(self.command or "", 1, 3)
  if code ~= READ or not count or first + count > 32 then
    return "\x83\x80"
  end
  local bytes = string.char(READ, count) .. string.sub(registers(self), first + 1, first + count)
  return bytes .. string.pack("<I2", self:checksum(crc16(bytes, 0xffff)))
end

function am2320:send()
  if self.position == 0 then
    self.bytes = answer(self)
  end
  self.position = self.position + 1
  return string.byte(self.bytes, self.position) or 0xff
end

return am2320
