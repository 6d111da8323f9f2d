---@meta sntp
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class sntp_module
sntp = {}

---`sync([host or list [, function(seconds, microseconds, ip, info) or nil [, function(code, name or nil) or nil [, autorepeat]]]])`
---@param host? string|table
---@param callback? (fun(seconds: integer, microseconds: integer, ip: string, info: any))|nil
---@param callback3? (fun(code: integer, name: string?))|nil
---@param autorepeat? any
function sntp.sync(host, callback, callback3, autorepeat) end

---`setoffset([seconds])`
---@param seconds? integer
function sntp.setoffset(seconds) end

---`getoffset()` → seconds
---@return integer
function sntp.getoffset() end

return sntp
