-- HMC5883L: a compass (Honeywell, HMC5883L data sheet, "Register operation"; the steps are also those
-- of the driver hmc5843 of Linux).

local part = require "netmcu.parts.part"

local GAIN, MODE = 1, 2
local CONTINUOUS, SINGLE, IDLE = 0, 1, 3
local steps = {[0] = 1370, 1090, 820, 660, 440, 390, 330, 230} -- for 1 gauss, by gain
local OVERFLOW = -4096

local hmc5883l = part.class {
  kind = "hmc5883l", bus = "i2c", addresses = {0x1e},
  constants = {[9] = "\1H43"}, -- the status: ready; the identity
  initial = {[0] = 0x10, [GAIN] = 0x20, [MODE] = SINGLE}, data = 3, registers = 13,
  values = part.axes("G", 8, 0.2, 0, 0.4),
}

-- Returns the bytes of the axes; y comes last.
local function sample(self)
  local axes = {}
  for i, name in ipairs {"x", "z", "y"} do
    local field = math.floor(self:value(name) * steps[self.written[GAIN] >> 5 & 7] + 0.5)
    axes[i] = math.abs(field) < 2048 and field or OVERFLOW
  end
  return string.pack(">i2i2i2", table.unpack(axes))
end

-- Without the continuous mode, a measurement stays until a script asks for the next one.
function hmc5883l:measure()
  if self.written[MODE] & 3 == CONTINUOUS then
    self.last = sample(self)
  end
  return self.last or "\0\0\0\0\0\0"
end

function hmc5883l:put(register, byte)
  self.written[register] = byte
  if register == MODE and byte & 3 == SINGLE then
    self.last, self.written[MODE] = sample(self), IDLE
  end
end

-- After the last byte of the axes, a transfer continues with the first one, so that a script need not
-- choose the register again.
function hmc5883l.following(_, register)
  return register == 8 and 3 or register == 12 and 0 or register + 1
end

return require "netmcu.parts.registers"(hmc5883l)
