-- HMC5883L: a compass (Honeywell, HMC5883L data sheet, "Register operation").

local part = require "netmcu.parts.part"

local GAIN = 1
local steps = {[0] = 1370, 1090, 820, 660, 440, 390, 330, 230} -- for 1 gauss, by gain
local OVERFLOW = -4096

local hmc5883l = part.class {
  kind = "hmc5883l", bus = "i2c", addresses = {0x1e},
  constants = {[9] = "\1H43"}, -- the status: ready; the identity
  initial = {[0] = 0x10, [GAIN] = 0x20, [2] = 0x01}, data = 3, registers = 13,
  values = part.axes("G", 8, 0.2, 0, 0.4),
}

-- The bytes of the axes; y comes last.
function hmc5883l:measure()
  local axes = {}
  for i, name in ipairs {"x", "z", "y"} do
    local field = math.floor(self:value(name) * steps[self.written[GAIN] >> 5 & 7] + 0.5)
    axes[i] = math.abs(field) < 2048 and field or OVERFLOW
  end
  return string.pack(">i2i2i2", table.unpack(axes))
end

-- After the last byte of the axes, a transfer continues with the first one, so that a script need not
-- choose the register again.
function hmc5883l.following(_, register)
  return register == 8 and 3 or register == 12 and 0 or register + 1
end

return require "netmcu.parts.registers"(hmc5883l)
