---@meta color_utils
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class color_utils_module
color_utils = {}

---`hsv2grb(hue, saturation, value)` → green, red, blue
---@param hue integer
---@param saturation integer
---@param value integer
---@return integer
---@return integer
---@return integer
function color_utils.hsv2grb(hue, saturation, value) end

---`hsv2grbw(hue, saturation, value)` → green, red, blue, white
---@param hue integer
---@param saturation integer
---@param value integer
---@return integer
---@return integer
---@return integer
---@return integer
function color_utils.hsv2grbw(hue, saturation, value) end

---`grb2hsv(green, red, blue)` → hue, saturation, value
---@param green integer
---@param red integer
---@param blue integer
---@return integer
---@return integer
---@return integer
function color_utils.grb2hsv(green, red, blue) end

---`colorWheel(hue)` → green, red, blue
---@param hue integer
---@return integer
---@return integer
---@return integer
function color_utils.colorWheel(hue) end

return color_utils
