-- L3G4200D: a gyroscope (ST, L3G4200D data sheet, "I2C operation" and "Register mapping"). It
-- measures only after a script has set the bit PD.

local part = require "netmcu.parts.part"

local CONTROL_1, CONTROL_4 = 0x20, 0x23
local IS_ON = 8
local steps = {[0] = 0.00875, 0.0175, 0.07, 0.07} -- °/s, by the full scale that is chosen

local l3g4200d = part.class {
  kind = "l3g4200d", bus = "i2c", addresses = {0x69, 0x68},
  registers = 0x80,
  constants = {[0x0f] = "\xd3", [0x26] = "\x14\x0f"}, -- the temperature and the status: all axes are new
  initial = {[0x20] = 0x07}, data = 0x28,
  values = part.axes("°/s", 2000, 0, 0, 0),
}

function l3g4200d:measure()
  if self.written[CONTROL_1] & IS_ON == 0 then
    return "\0\0\0\0\0\0"
  end
  local step = steps[(self.written[CONTROL_4] or 0) >> 4 & 3]
  local axes = {}
  for i, name in ipairs {"x", "y", "z"} do
    axes[i] = math.max(-32768, math.min(32767, math.floor(self:value(name) / step + 0.5)))
  end
  return string.pack("<i2i2i2", table.unpack(axes))
end

-- Bit 7 asks for the registers that follow; without it, a transfer repeats the same register.
function l3g4200d:choose(byte)
  self.step = byte >> 7
  return byte & 0x7f
end

function l3g4200d:following(register)
  return register + (self.step or 0) & 0x7f
end

return require "netmcu.parts.registers"(l3g4200d)
