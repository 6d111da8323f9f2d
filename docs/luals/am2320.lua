---@meta am2320
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class am2320_module
am2320 = {}

---`setup()` → number, number, number
---@return integer
---@return integer
---@return integer
function am2320.setup() end

---`init(pin, pin)` → number, number, number
---@param pin integer
---@param pin2 integer
---@return integer
---@return integer
---@return integer
function am2320.init(pin, pin2) end

---`read()` → number, number
---@return integer
---@return integer
function am2320.read() end

return am2320
