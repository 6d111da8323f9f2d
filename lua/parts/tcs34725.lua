-- TCS34725: colour (TAOS, TCS3472 data sheet, "Register description"). The values are counts.

local part = require "netmcu.parts.part"

local ENABLE, TIME, WAIT, STATUS = 0x00, 0x01, 0x03, 0x13
local MEASURES = 3 -- the oscillator and the converter are on

local tcs34725 = part.class {
  kind = "tcs34725", bus = "i2c", addresses = {0x29},
  registers = 32, -- the other bits are those of a command
  constants = {[0x12] = "\x44"}, initial = {[TIME] = 0xff, [WAIT] = 0xff}, data = 0x14,
  values = {
    {name = "clear", unit = "", default = 900, least = 0, most = 65535},
    {name = "red", unit = "", default = 300, least = 0, most = 65535},
    {name = "green", unit = "", default = 300, least = 0, most = 65535},
    {name = "blue", unit = "", default = 300, least = 0, most = 65535},
  },
}

local function is_measuring(self)
  return (self.written[ENABLE] or 0) & MEASURES == MEASURES
end

function tcs34725:measure()
  if not is_measuring(self) then
    return "\0\0\0\0\0\0\0\0"
  end
  local counts, most = {}, math.min(65535, (256 - self.written[TIME]) * 1024) -- 1024 for each 2.4 ms
  for i, value in ipairs(self.values) do
    counts[i] = math.min(most, math.floor(self:value(value.name) + 0.5))
  end
  return string.pack("<I2I2I2I2", table.unpack(counts))
end

function tcs34725:get(register)
  return register == STATUS and is_measuring(self) and 1 or self.written[register] or 0
end

return require "netmcu.parts.registers"(tcs34725)
