-- L3G4200D: a gyroscope (ST, L3G4200D data sheet, "Register mapping").

local part = require "netmcu.parts.part"

local DEVICE, CONTROL_4, TEMP, STATUS, DATA = 0x0f, 0x23, 0x26, 0x27, 0x28
local steps = {[0] = 0.00875, 0.0175, 0.07, 0.07} -- °/s, by the full scale that is chosen

local l3g4200d = part.class {
  kind = "l3g4200d", bus = "i2c", addresses = {0x69, 0x68},
  registers = 0x80, -- bit 7 asks for further registers
  values = {
    {name = "x", unit = "°/s", default = 0, least = -2000, most = 2000},
    {name = "y", unit = "°/s", default = 0, least = -2000, most = 2000},
    {name = "z", unit = "°/s", default = 0, least = -2000, most = 2000},
  },
}

function l3g4200d:start()
  self.written = {[0x20] = 7}
end

local function measure(self)
  local step = steps[(self.written[CONTROL_4] or 0) >> 4 & 3]
  local axes = {}
  for i, name in ipairs {"x", "y", "z"} do
    axes[i] = math.max(-32768, math.min(32767, math.floor(self:value(name) / step + 0.5)))
  end
  return string.pack("<i2i2i2", table.unpack(axes))
end

function l3g4200d:get(register)
  if register >= DATA and register < DATA + 6 then
    self.shadow = self.shadow or measure(self)
    return string.byte(self.shadow, register - DATA + 1)
  end
  local answers = {[DEVICE] = 0xd3, [TEMP] = 20, [STATUS] = 0x0f}
  return answers[register] or self.written[register] or 0
end

return require "netmcu.parts.registers"(l3g4200d)
