---@meta hdc1080
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class hdc1080_module
hdc1080 = {}

---`setup()`
function hdc1080.setup() end

---`init(pin, pin)`
---@param pin integer
---@param pin2 integer
function hdc1080.init(pin, pin2) end

---`read()` → number, number
---@return integer
---@return integer
function hdc1080.read() end

return hdc1080
