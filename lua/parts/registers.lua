-- An I²C part that consists of registers: the first byte of a transfer to the part chooses a
-- register, further bytes are written to it and to those behind it, and reading continues there.
--
-- `part.shadow` is nil at the start of each transfer. A part may keep there what it has measured,
-- so that the bytes of one transfer belong together.
--
-- registers(class) adds the methods of an I²C part to a class that has
--   get(part, register)          returns the byte of a register
--   put(part, register, byte)    writes one; false: the part does not acknowledge. Without this
--                                method, the byte is kept in `part.written`.
--   following(part, register)    optional: returns the register behind this one

return function(class)
  local size = class.registers or 256

  class.put = class.put or function(self, register, byte)
    self.written[register] = byte
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
      self.is_choosing, self.register = false, byte % size
      return true
    end
    return self:put(advance(self), byte)
  end

  function class:send()
    return self:get(advance(self))
  end

  return class
end
