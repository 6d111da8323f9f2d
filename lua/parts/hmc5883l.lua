-- HMC5883L: a compass (Honeywell, HMC5883L data sheet, "Register operation").

local part = require "netmcu.parts.part"

local GAIN, DATA, STATUS, IDENTITY = 1, 3, 9, 10
local steps = {[0] = 1370, 1090, 820, 660, 440, 390, 330, 230} -- for 1 gauss, by gain
local OVERFLOW = -4096

local hmc5883l = part.class {
  kind = "hmc5883l", bus = "i2c", addresses = {0x1e},
  values = {
    {name = "x", unit = "G", default = 0.2, least = -8, most = 8},
    {name = "y", unit = "G", default = 0, least = -8, most = 8},
    {name = "z", unit = "G", default = 0.4, least = -8, most = 8},
  },
}

function hmc5883l:start()
  self.written = {[0] = 0x10, [GAIN] = 0x20, 0x01}
end

-- The bytes of the axes; y comes last.
local function measure(self)
  local axes = {}
  for i, name in ipairs {"x", "z", "y"} do
    local field = math.floor(self:value(name) * steps[self.written[GAIN] >> 5 & 7] + 0.5)
    axes[i] = math.abs(field) < 2048 and field or OVERFLOW
  end
  return string.pack(">i2i2i2", table.unpack(axes))
end

function hmc5883l:get(register)
  if register >= DATA and register < DATA + 6 then
    self.shadow = self.shadow or measure(self)
    return string.byte(self.shadow, register - DATA + 1)
  elseif register >= IDENTITY then
    return string.byte("H43", register - IDENTITY + 1) or 0
  end
  return register == STATUS and 1 or self.written[register] or 0
end

return require "netmcu.parts.registers"(hmc5883l)
