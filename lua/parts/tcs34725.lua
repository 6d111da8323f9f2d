-- TCS34725: colour (TAOS, TCS3472 data sheet, "Register description"). The values are counts.

local part = require "netmcu.parts.part"

local ENABLE, DEVICE, STATUS, DATA = 0x00, 0x12, 0x13, 0x14
local MEASURES = 3 -- the oscillator and the converter are on

local tcs34725 = part.class {
  kind = "tcs34725", bus = "i2c", addresses = {0x29},
  registers = 32, -- the other bits are those of a command
  values = {
    {name = "clear", unit = "", default = 900, least = 0, most = 65535},
    {name = "red", unit = "", default = 300, least = 0, most = 65535},
    {name = "green", unit = "", default = 300, least = 0, most = 65535},
    {name = "blue", unit = "", default = 300, least = 0, most = 65535},
  },
}

function tcs34725:start()
  self.written = {}
end

local function is_measuring(self)
  return (self.written[ENABLE] or 0) & MEASURES == MEASURES
end

local function measure(self)
  if not is_measuring(self) then
    return "\0\0\0\0\0\0\0\0"
  end
  local counts = {}
  for i, value in ipairs(self.values) do
    counts[i] = math.min(65535, math.floor(self:value(value.name) + 0.5))
  end
  return string.pack("<I2I2I2I2", table.unpack(counts))
end

function tcs34725:get(register)
  if register >= DATA and register < DATA + 8 then
    return string.byte(measure(self), register - DATA + 1)
  elseif register == STATUS then
    return is_measuring(self) and 1 or 0
  end
  return register == DEVICE and 0x44 or self.written[register] or 0
end

return require "netmcu.parts.registers"(tcs34725)
