---@meta adxl345
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class adxl345_module
adxl345 = {}

---`setup()`
function adxl345.setup() end

---`init(pin, pin)`
---@param pin integer
---@param pin2 integer
function adxl345.init(pin, pin2) end

---`read()` → number, number, number
---@return integer
---@return integer
---@return integer
function adxl345.read() end

return adxl345
