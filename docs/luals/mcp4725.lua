---@meta mcp4725
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class mcp4725_module
---@field PWRDN_100K integer
---@field PWRDN_1K integer
---@field PWRDN_500K integer
---@field PWRDN_NONE integer
mcp4725 = {}

---`write(options)`
---@param options table
function mcp4725.write(options) end

---`read([options])` → number, number, number, number, number, number
---@param options? table
---@return integer
---@return integer
---@return integer
---@return integer
---@return integer
---@return integer
function mcp4725.read(options) end

return mcp4725
