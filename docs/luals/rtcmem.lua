---@meta rtcmem
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class rtcmem_module
rtcmem = {}

---`read32(index [, count])` → number, ...
---@param index integer
---@param count? integer
---@return integer
---@return any ...
function rtcmem.read32(index, count) end

---`write32(index, ...)`
---@param index integer
---@param ... any
function rtcmem.write32(index, ...) end

return rtcmem
