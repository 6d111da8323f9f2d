-- ADXL345: acceleration (Analog Devices, ADXL345 data sheet, "Register map").

local part = require "netmcu.parts.part"

local DEVICE, FORMAT, DATA = 0x00, 0x31, 0x32

local adxl345 = part.class {
  kind = "adxl345", bus = "i2c", addresses = {0x53, 0x1d},
  values = {
    {name = "x", unit = "g", default = 0, least = -16, most = 16},
    {name = "y", unit = "g", default = 0, least = -16, most = 16},
    {name = "z", unit = "g", default = 1, least = -16, most = 16},
  },
}

function adxl345:start()
  self.written = {}
end

-- Returns the bytes of the axes: 256 steps for 1 g in full resolution, or 1024 steps for the range.
local function measure(self)
  local format = self.written[FORMAT] or 0
  local range, is_full = format & 3, format & 8 ~= 0
  local steps = is_full and 256 or 256 >> range
  local most = is_full and (512 << range) - 1 or 511
  local axes = {}
  for i, name in ipairs {"x", "y", "z"} do
    axes[i] = math.max(-most - 1, math.min(most, math.floor(self:value(name) * steps + 0.5)))
  end
  return string.pack("<i2i2i2", table.unpack(axes))
end

function adxl345:get(register)
  if register == DEVICE then
    return 0xe5
  elseif register < DATA or register >= DATA + 6 then
    return self.written[register] or 0
  end
  self.shadow = self.shadow or measure(self)
  return string.byte(self.shadow, register - DATA + 1)
end

return require "netmcu.parts.registers"(adxl345)
