-- DS18B20: temperature on a 1-Wire bus (Maxim, DS18B20 data sheet 19-7487). The scratchpad is that
-- of figure 8, the commands are those of table 3.

local host = require "netmcu.host"
local part = require "netmcu.parts.part"

local ds18b20 = part.class {
  kind = "ds18b20", bus = "ow", keys = "id parasite", failures = "silent checksum range",
  values = {part.temp(-55, 125)},
}

local FAMILY = 0x28
local CONVERT, WRITE, READ, COPY, RECALL, POWER = 0x44, 0x4e, 0xbe, 0x48, 0xb8, 0xb4
local POWER_ON = 85 * 16 -- the temperature before the first conversion

local last_id = 0

-- The `id` is the serial number. By default, each part has a different one.
function ds18b20:start()
  local id = self.settings.id or last_id + 1
  if math.type(id) ~= "integer" or id < 0 or id >= 1 << 48 then
    error("part ds18b20: id: an integer below 2^48 expected", 0)
  end
  last_id = math.max(last_id, id)
  self.rom = require "netmcu.parts.ow".rom(FAMILY, id)
  self.raw, self.memory = POWER_ON, "\x4b\x46\x7f" -- alarms at 75 and 70 °C, 12 bits
  self.registers = self.memory
  self:reset()
end

function ds18b20:reset()
  self.command, self.written, self.position = nil, "", 1
end

local function bits(self)
  return string.byte(self.registers, 3) >> 5 & 3
end

-- A conversion takes at most 93.75 ms for 9 bits, and twice that for each further bit. Sensors are
-- faster than that, and scripts rely on it: a timer of 750 ms may fire a little early.
local CONVERSION = 75000 -- µs

local function convert(self)
  local steps = math.floor(self:value "temp" * 16)
  self.converted = {raw = steps & -(8 >> bits(self)), at = host.now() + (CONVERSION << bits(self))}
end

local function is_converting(self)
  if self.converted and host.now() >= self.converted.at then
    self.raw, self.converted = self.converted.raw, nil
  end
  return self.converted ~= nil
end

local function scratchpad(self)
  local bytes = string.pack("<i2", self.raw) .. self.registers .. "\xff\x0c\x10"
  return bytes .. string.char(self:checksum(require "netmcu.parts.ow".crc8(bytes)))
end

-- The resolution has bits 5 and 6 of the third register; the others read as ones.
local function set_registers(self, bytes)
  local resolution = string.byte(bytes, 3)
  self.registers = string.sub(bytes, 1, 2) .. string.char(resolution & 0x60 | 0x1f)
end

function ds18b20:receive(byte)
  if self.command == WRITE then
    self.written = self.written .. string.char(byte)
    if #self.written == 3 then
      set_registers(self, self.written)
    end
    return
  end
  self.command, self.position = byte, 1
  if byte == CONVERT then
    convert(self)
  elseif byte == COPY then
    self.memory = self.registers
  elseif byte == RECALL then
    self.registers = self.memory
  end
end

-- During a conversion, the part sends zeros, unless it takes its power from the bus.
function ds18b20:send()
  local is_busy = is_converting(self)
  if self.command == READ then
    local byte = string.byte(scratchpad(self), self.position) or 0xff
    self.position = self.position + 1
    return byte
  elseif self.command == POWER then
    return self.settings.parasite and self.settings.parasite ~= 0 and 0 or 0xff
  end
  return self.command == CONVERT and is_busy and 0 or 0xff
end

-- The alarm compares the degrees, without their fraction, with the two registers.
function ds18b20:is_alarmed()
  is_converting(self)
  local high, low = string.unpack("<i1i1", self.registers)
  return self.raw // 16 >= high or self.raw // 16 <= low
end

return ds18b20
