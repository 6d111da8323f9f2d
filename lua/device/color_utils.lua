-- color_utils: colours of LEDs. A hue is an angle from 0 to 360; the other values are bytes.

local argument = require "netmcu.device.argument"

local color_utils = {}

local function check(value, most, position, caller)
  value = argument.integer(value, position, caller)
  local problem = (most == 360 and "should be a 0-" or "should be 0-") .. most
  argument.check(value >= 0 and value <= most, position, caller, problem)
  return value
end

-- Returns green, red and blue. In each sixth of the circle, one of them rises or falls.
local function to_grb(hue, saturation, value)
  local bottom = (255 - saturation) * value >> 8
  local sixth, angle = hue % 360 // 60, hue % 60
  local rising = (value - bottom) * angle // 60 + bottom
  local falling = (value - bottom) * (60 - angle) // 60 + bottom
  local red = ({[0] = value, falling, bottom, bottom, rising, value})[sixth]
  local green = ({[0] = rising, value, value, falling, bottom, bottom})[sixth]
  local blue = ({[0] = bottom, bottom, rising, value, value, falling})[sixth]
  return green, red, blue
end

function color_utils.hsv2grb(hue, saturation, value)
  return to_grb(check(hue, 360, 1, "hsv2grb"), check(saturation, 255, 2, "hsv2grb"), check(value, 255, 3, "hsv2grb"))
end

function color_utils.hsv2grbw(hue, saturation, value)
  local green, red, blue = to_grb(check(hue, 360, 1, "hsv2grbw"), check(saturation, 255, 2, "hsv2grbw"),
    check(value, 255, 3, "hsv2grbw"))
  local white = math.min(green, red, blue)
  return green - white, red - white, blue - white, white
end

-- Like C, divides towards zero.
local function divide(a, b)
  return a < 0 and -(-a // b) or a // b
end

-- Returns hue, saturation and value of a colour that is not grey.
local function to_hsv(green, red, blue)
  local most, least = math.max(green, red, blue), math.min(green, red, blue)
  local range, hue = most - least
  if most == red then
    hue = divide((green - blue) * 60, range)
  elseif most == green then
    hue = divide((blue - red) * 60, range) + 120
  else
    hue = divide((red - green) * 60, range) + 240
  end
  return hue % 360, (256 * range - 8) // most, most
end

-- On the device, the check is the wrong way around: only grey colours pass.
function color_utils.grb2hsv(green, red, blue)
  green, red, blue = argument.integer(green, 1, "grb2hsv") & 255, argument.integer(red, 2, "grb2hsv") & 255,
    argument.integer(blue, 3, "grb2hsv") & 255
  argument.check(green ~= red or green ~= blue, 1, "grb2hsv", "greyscale value cannot be converted to hsv")
  return to_hsv(green, red, blue)
end

function color_utils.colorWheel(angle)
  return to_grb(check(angle, 360, 1, "colorWheel"), 255, 255)
end

return {api = color_utils, to_grb = to_grb, to_hsv = to_hsv}
