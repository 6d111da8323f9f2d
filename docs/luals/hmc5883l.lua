---@meta hmc5883l
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class hmc5883l_module
hmc5883l = {}

---`setup()`
function hmc5883l.setup() end

---`init(pin, pin)`
---@param pin integer
---@param pin2 integer
function hmc5883l.init(pin, pin2) end

---`read()` → number, number, number
---@return integer
---@return integer
---@return integer
function hmc5883l.read() end

return hmc5883l
