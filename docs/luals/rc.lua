---@meta rc
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class rc_module
rc = {}

---`send(pin, value, count, value, value, count)` → number
---@param pin integer
---@param value integer
---@param count integer
---@param value4 integer
---@param value5 integer
---@param count6 integer
---@return integer
function rc.send(pin, value, count, value4, value5, count6) end

return rc
