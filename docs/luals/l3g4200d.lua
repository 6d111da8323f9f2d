---@meta l3g4200d
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class l3g4200d_module
l3g4200d = {}

---`setup()`
function l3g4200d.setup() end

---`init(pin, pin)`
---@param pin integer
---@param pin2 integer
function l3g4200d.init(pin, pin2) end

---`read()` → number, number, number
---@return integer
---@return integer
---@return integer
function l3g4200d.read() end

return l3g4200d
