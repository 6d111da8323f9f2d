-- color_utils: colours are converted as the firmware does.

local expect = require "expect"

local function same(wanted, ...)
  local got = table.concat({...}, " ")
  assert(got == wanted, got)
end

same("0 255 0", color_utils.hsv2grb(0, 255, 255)) -- red
same("255 255 0", color_utils.hsv2grb(60, 255, 255))
same("255 0 0", color_utils.hsv2grb(120, 255, 255))
same("255 0 255", color_utils.hsv2grb(180, 255, 255))
same("0 0 255", color_utils.hsv2grb(240, 255, 255))
same("0 255 255", color_utils.hsv2grb(300, 255, 255))
same("0 255 0", color_utils.hsv2grb(360, 255, 255))
same("200 99 149", color_utils.hsv2grb(150, 128, 200))
same("101 0 50 99", color_utils.hsv2grbw(150, 128, 200))
same("255 127 0", color_utils.colorWheel(90))
same("0 255 127", color_utils.colorWheel(330))

same("120 255 255", color_utils.grb2hsv(255, 0, 0))
same("30 255 200", color_utils.grb2hsv(100, 200, 0))
same("330 204 250", color_utils.grb2hsv(50, 250, 150))
same("0 124 2", color_utils.grb2hsv(1, 2, 1))
for hue = 0, 359, 7 do
  local back = color_utils.grb2hsv(color_utils.colorWheel(hue))
  assert(math.abs(back - hue) <= 1, hue)
end

for text, call in pairs {
  ["#1 to 'hsv2grb' (should be a 0-360)"] = function() color_utils.hsv2grb(361, 0, 0) end,
  ["#2 to 'hsv2grb' (should be 0-255)"] = function() color_utils.hsv2grb(0, -1, 0) end,
  ["#3 to 'hsv2grbw' (should be 0-255)"] = function() color_utils.hsv2grbw(0, 0, 256) end,
  ["#1 to 'colorWheel' (should be a 0-360)"] = function() color_utils.colorWheel(-1) end,
  ["#1 to 'grb2hsv' (greyscale value cannot be converted to hsv)"] = function() color_utils.grb2hsv(7, 7, 7) end,
  ["#3 to 'grb2hsv' (number expected, got no value)"] = function() color_utils.grb2hsv(1, 2) end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end

expect.finish()
