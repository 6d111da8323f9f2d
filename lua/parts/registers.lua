-- An I²C part that consists of registers: the first byte of a transfer to the part chooses a
-- register, further bytes are written to it and to those behind it, and reading continues there.
--
-- registers(class) adds the methods of an I²C part to a class that may have
--   registers                    how many there are; 256 by default
--   initial                      the bytes after the start, by register, which `part.written` gets
--   constants                    strings of bytes that never change, by their first register
--   data, measure(part)          the first register of the measured bytes, and a method that
--                                returns them as a string. The bytes that one transfer reads
--                                belong to the same measurement.
--   get(part, register)          returns the byte of any other register; by default, what was
--                                written
--   put(part, register, byte)    writes one; false: the part does not acknowledge
--   choose(part, byte)           returns the register that a byte chooses; by default, the byte
--                                modulo `registers`
--   following(part, register)    returns the register behind this one

local function expand(constants)
  local bytes = {}
  for first, text in pairs(constants or {}) do
    for i = 1, #text do
      bytes[first + i - 1] = string.byte(text, i)
    end
  end
  return bytes
end

local defaults = {}

function defaults:start()
  self.written = {}
  for register, byte in pairs(self.initial or {}) do
    self.written[register] = byte
  end
end

function defaults:get(register)
  return self.written[register] or 0
end

function defaults:put(register, byte)
  self.written[register] = byte
end

-- Returns the byte of a measurement; nil if the register contains none.
local function measured(part, register)
  if part.data and register >= part.data then
    part.shadow = part.shadow or part:measure()
    return string.byte(part.shadow, register - part.data + 1)
  end
end

return function(class)
  local size, constants = class.registers or 256, expand(class.constants)
  for name, method in pairs(defaults) do
    class[name] = rawget(class, name) or method
  end

  function class:begin(is_read)
    self.shadow = nil
    if not is_read then
      self.is_choosing = true
    end
  end

  local function advance(part)
    local register = part.register or 0
    part.register = part.following and part:following(register) or (register + 1) % size
    return register
  end

  function class:receive(byte)
    if self.is_choosing then
      self.is_choosing, self.register = false, self.choose and self:choose(byte) or byte % size
      return true
    end
    return self:put(advance(self), byte)
  end

  function class:send()
    local register = advance(self)
    return constants[register] or measured(self, register) or self:get(register)
  end

  return class
end
