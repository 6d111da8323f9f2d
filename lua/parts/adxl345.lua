-- ADXL345: acceleration (Analog Devices, ADXL345 data sheet, "Register map"). It measures only after
-- a script has set the bit Measure.

local part = require "netmcu.parts.part"

local POWER, FORMAT = 0x2d, 0x31
local MEASURE = 8

local adxl345 = part.class {
  kind = "adxl345", bus = "i2c", addresses = {0x53, 0x1d},
  constants = {[0x00] = "\xe5"}, initial = {[0x2c] = 0x0a}, data = 0x32,
  values = part.axes("g", 16, 0, 0, 1),
}

-- Returns the bytes of the axes: 256 steps for 1 g in full resolution, or 1024 steps for the range.
function adxl345:measure()
  if (self.written[POWER] or 0) & MEASURE == 0 then
    return "\0\0\0\0\0\0"
  end
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

return require "netmcu.parts.registers"(adxl345)
