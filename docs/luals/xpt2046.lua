---@meta xpt2046
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class xpt2046_module
xpt2046 = {}

---`init(pin, pin, value, value)`
---@param pin integer
---@param pin2 integer
---@param value integer
---@param value4 integer
function xpt2046.init(pin, pin2, value, value4) end

---`isTouched()` → boolean
---@return boolean
function xpt2046.isTouched() end

---`getRaw()` → number, number
---@return integer
---@return integer
function xpt2046.getRaw() end

---`getPosition()` → number, number
---@return integer
---@return integer
function xpt2046.getPosition() end

---`getPositionAvg()` → number, number
---@return integer
---@return integer
function xpt2046.getPositionAvg() end

---`setCalibration(value, value, value, value)`
---@param value integer
---@param value2 integer
---@param value3 integer
---@param value4 integer
function xpt2046.setCalibration(value, value2, value3, value4) end

return xpt2046
