---@meta perf
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class perf_module
perf = {}

---`start([from [, to [, count [, offset]]]])`
---@param from? integer
---@param to? integer
---@param count? integer
---@param offset? integer
function perf.start(from, to, count, offset) end

---`stop()` → count or nil, count or nil, table or nil, bytes or nil
---@return integer?
---@return integer?
---@return table?
---@return integer?
function perf.stop() end

return perf
