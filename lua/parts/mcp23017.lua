-- MCP23017: sixteen pins (Microchip, DS20001952C, section 3.5). Inputs read the values a0 to b7, and
-- interrupts are those of section 3.6: a change of a value by a function is noticed when the script
-- next reads the part.
--
-- This file numbers the registers as table 3-3 does: those of ports A and B alternate (BANK = 0).

local part = require "netmcu.parts.part"

local values = {}
for _, port in ipairs {"a", "b"} do
  for i = 0, 7 do
    values[#values + 1] = {name = port .. i, default = 1, least = 0, most = 1}
  end
end

local mcp23017 = part.class {
  kind = "mcp23017", bus = "i2c", failures = "silent", values = values, registers = 0x20, wires = "inta intb",
  addresses = {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27},
}

local DIRECTION, POLARITY, ENABLED, NORMAL, COMPARED, CONTROL = 0x00, 0x02, 0x04, 0x06, 0x08, 0x0a
local FLAGS, CAPTURED, PORT, LATCH, LAST = 0x0e, 0x10, 0x12, 0x14, 0x15
local BANKED, MIRRORED, BYTE_MODE, ACTIVE_HIGH = 0x80, 0x40, 0x20, 0x02 -- bits of the control register

local function is_set(self, bit)
  return self.bytes[CONTROL] & bit ~= 0
end

-- Returns the level of each pin of a port.
local function levels(self, port)
  return self:levels(port == 0 and "a" or "b")
end

-- Returns what the script has set on the pins of ports A and B that are outputs; 0 for inputs.
function mcp23017:outputs()
  local bytes = self.bytes
  return bytes[LATCH] & ~bytes[DIRECTION], bytes[LATCH + 1] & ~bytes[DIRECTION + 1]
end

local function read_port(self, port)
  local inputs = self.bytes[DIRECTION + port]
  return (levels(self, port) ~ self.bytes[POLARITY + port]) & inputs | self.bytes[LATCH + port] & ~inputs & 0xff
end

-- --- interrupts ---

-- An input that differs from its last level, or from a normal level that the script has chosen,
-- raises an interrupt. The first one captures the levels.
local function check_port(self, port)
  local bytes, now = self.bytes, levels(self, port)
  local compared = bytes[COMPARED + port]
  local normal = bytes[NORMAL + port] & compared | self.seen[port] & ~compared
  if bytes[FLAGS + port] == 0 then
    bytes[FLAGS + port] = (now ~ normal) & bytes[ENABLED + port] & bytes[DIRECTION + port]
    bytes[CAPTURED + port] = bytes[FLAGS + port] ~= 0 and read_port(self, port) or bytes[CAPTURED + port]
    self.seen[port] = now
  end
end

function mcp23017:changed()
  check_port(self, 0)
  check_port(self, 1)
  local a, b = self.bytes[FLAGS] ~= 0, self.bytes[FLAGS + 1] ~= 0
  if is_set(self, MIRRORED) then
    a, b = a or b, a or b
  end
  self:drive("inta", a == is_set(self, ACTIVE_HIGH) and 1 or 0)
  self:drive("intb", b == is_set(self, ACTIVE_HIGH) and 1 or 0)
end

-- --- registers ---

function mcp23017:start()
  self.bytes, self.seen = {}, {[0] = levels(self, 0), levels(self, 1)}
  for register = 0, LAST do
    self.bytes[register] = register < POLARITY and 0xff or 0
  end
end

function mcp23017:plugged_in()
  self:changed()
end

-- Returns the register at an address, or nil for an address without a register. With BANK = 1, those
-- of port A begin at 0x00, and those of port B at 0x10.
local function register_at(self, address)
  if is_set(self, BANKED) then
    address = address & 15 <= LAST // 2 and (address & 15) * 2 + (address >> 4) or LAST + 1
  end
  return address <= LAST and address or nil
end

-- In byte mode, a transfer stays at the address, or goes to and fro between both ports (section
-- 3.2.1).
function mcp23017:following(address)
  local is_banked = is_set(self, BANKED)
  if is_set(self, BYTE_MODE) then
    return is_banked and address or address ~ 1
  end
  return address < (is_banked and 0x1a or LAST) and address + 1 or 0
end

-- A read of the levels or of the captured levels ends the interrupt of their port.
function mcp23017:get(address)
  local register = register_at(self, address)
  if not register then
    return 0
  end
  self:changed()
  local kind, port = register & ~1, register & 1
  local byte = kind == PORT and read_port(self, port) or self.bytes[register]
  if kind == PORT or kind == CAPTURED then
    self.bytes[FLAGS + port], self.seen[port] = 0, levels(self, port)
    self:changed()
  end
  return byte
end

-- A write to a port sets its latch. The control register has two addresses, and its lowest bit is
-- always 0.
function mcp23017:put(address, byte)
  local register = register_at(self, address)
  if register and register & ~1 == CONTROL then
    self.bytes[CONTROL], self.bytes[CONTROL + 1] = byte & 0xfe, byte & 0xfe
  elseif register and (register < FLAGS or register >= PORT) then
    self.bytes[register & ~1 == PORT and register + 2 or register] = byte
  end
  self:changed()
end

return require "netmcu.parts.registers"(mcp23017)
