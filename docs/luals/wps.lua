---@meta wps
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class wps_module
---@field FAILED integer
---@field SCAN_ERR integer
---@field SUCCESS integer
---@field TIMEOUT integer
---@field WEP integer
wps = {}

---`enable()`
function wps.enable() end

---`disable()`
function wps.disable() end

---`start([anything])`
---@param anything? any
function wps.start(anything) end

return wps
