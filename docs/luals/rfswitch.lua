---@meta rfswitch
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class rfswitch_module
rfswitch = {}

---`send(value, value, count, pin, value, count)`
---@param value integer
---@param value2 integer
---@param count integer
---@param pin integer
---@param value5 integer
---@param count6 integer
function rfswitch.send(value, value2, count, pin, value5, count6) end

return rfswitch
