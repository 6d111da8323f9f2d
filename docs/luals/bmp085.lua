---@meta bmp085
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class bmp085_module
bmp085 = {}

---`setup()`
function bmp085.setup() end

---`init(pin, pin)`
---@param pin integer
---@param pin2 integer
function bmp085.init(pin, pin2) end

---`temperature()` → number
---@return integer
function bmp085.temperature() end

---`pressure([oversampling])` → number
---@param oversampling? integer
---@return integer
function bmp085.pressure(oversampling) end

---`pressure_raw([oversampling])` → number
---@param oversampling? integer
---@return integer
function bmp085.pressure_raw(oversampling) end

return bmp085
