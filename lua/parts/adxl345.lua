-- ADXL345: acceleration (Analog Devices, ADXL345 data sheet, "Register map" and "Data formatting of
-- upper data rates"). It measures only after a script has set the bit Measure.

local part = require "netmcu.parts.part"

local POWER, SOURCE, FORMAT = 0x2d, 0x30, 0x31
local MEASURE, DATA_READY, WATERMARK = 8, 0x80, 2
local FULL, LEFT = 8, 4 -- of FORMAT

local adxl345 = part.class {
  kind = "adxl345", bus = "i2c", addresses = {0x53, 0x1d},
  constants = {[0x00] = "\xe5"}, initial = {[0x2c] = 0x0a}, data = 0x32,
  values = part.axes("g", 16, 0, 0, 1),
}

local function is_measuring(self)
  return (self.written[POWER] or 0) & MEASURE ~= 0
end

-- Returns the bytes of the axes: 256 steps for 1 g in full resolution, or 1024 steps for the range.
-- The sign has the highest bit if the format says so.
function adxl345:measure()
  if not is_measuring(self) then
    return "\0\0\0\0\0\0"
  end
  local format = self.written[FORMAT] or 0
  local range, is_full = format & 3, format & FULL ~= 0
  local steps = is_full and 256 or 256 >> range
  local bits = is_full and 10 + range or 10
  local most, shift = (1 << bits - 1) - 1, format & LEFT ~= 0 and 16 - bits or 0
  local axes = {}
  for i, name in ipairs {"x", "y", "z"} do
    axes[i] = math.max(-most - 1, math.min(most, math.floor(self:value(name) * steps + 0.5))) << shift
  end
  return string.pack("<i2i2i2", table.unpack(axes))
end

function adxl345:get(register)
  if register == SOURCE then
    return is_measuring(self) and DATA_READY | WATERMARK or WATERMARK
  end
  return self.written[register] or 0
end

return require "netmcu.parts.registers"(adxl345)
