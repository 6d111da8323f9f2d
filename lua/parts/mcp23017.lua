-- MCP23017: sixteen pins (Microchip, DS20001952). The registers are those of table 3-3, for BANK =
-- 0. Inputs read the values a0 to b7; interrupts are not raised.

local part = require "netmcu.parts.part"

local values = {}
for _, port in ipairs {"a", "b"} do
  for i = 0, 7 do
    values[#values + 1] = {name = port .. i, default = 1, least = 0, most = 1}
  end
end

local mcp23017 = part.class {
  kind = "mcp23017", bus = "i2c", failures = "silent", values = values, registers = 0x16,
  addresses = {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27},
}

local DIRECTION, POLARITY, CONTROL, PORT, LATCH = 0x00, 0x02, 0x0a, 0x12, 0x14
local INTERRUPTS, LAST_OF_INTERRUPTS = 0x0e, 0x11 -- their flags and captured levels
local IS_PAIRED = 0x20 -- the bit SEQOP: a transfer goes to and fro between ports A and B (section 3.2.1)

function mcp23017:start()
  self.bytes = {}
  for register = 0, 0x15 do
    self.bytes[register] = register < POLARITY and 0xff or 0
  end
end

-- Returns what the script has set on the pins of ports A and B that are outputs; 0 for inputs.
function mcp23017:outputs()
  local bytes = self.bytes
  return bytes[LATCH] & ~bytes[DIRECTION], bytes[LATCH + 1] & ~bytes[DIRECTION + 1]
end

local function levels(self, port)
  local name, byte = port == 0 and "a" or "b", 0
  for i = 0, 7 do
    byte = byte | (self:value(name .. i) >= 0.5 and 1 or 0) << i
  end
  return byte
end

function mcp23017:get(register)
  if register & ~1 ~= PORT then
    return self.bytes[register]
  end
  local port = register & 1
  local inputs = self.bytes[DIRECTION + port]
  return (levels(self, port) ~ self.bytes[POLARITY + port]) & inputs | self.bytes[LATCH + port] & ~inputs & 0xff
end

function mcp23017:following(register)
  return self.bytes[CONTROL] & IS_PAIRED ~= 0 and register ~ 1 or nil
end

-- A write to a port sets its latch. The control register has two addresses, and its lowest bit is
-- always 0.
function mcp23017:put(register, byte)
  if register & ~1 == CONTROL then
    byte = byte & 0xfe
    self.bytes[CONTROL], self.bytes[CONTROL + 1] = byte, byte
  elseif register < INTERRUPTS or register > LAST_OF_INTERRUPTS then
    self.bytes[register & ~1 == PORT and register + 2 or register] = byte
  end
end

return require "netmcu.parts.registers"(mcp23017)
