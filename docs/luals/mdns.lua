---@meta mdns
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class mdns_module
mdns = {}

---`register(host [, attributes])`
---@param host string
---@param attributes? any
function mdns.register(host, attributes) end

---`close()`
function mdns.close() end

return mdns
