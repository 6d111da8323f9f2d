---@meta rotary
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class rotary_module
---@field PRESS integer
---@field LONGPRESS integer
---@field RELEASE integer
---@field TURN integer
---@field CLICK integer
---@field DBLCLICK integer
---@field ALL integer
rotary = {}

---`setup(channel, pin, pin [, pin [, ms [, ms]]])`
---@param channel integer
---@param pin integer
---@param pin3 integer
---@param pin4? integer
---@param ms? number
---@param ms6? number
function rotary.setup(channel, pin, pin3, pin4, ms, ms6) end

---`close(channel)`
---@param channel integer
function rotary.close(channel) end

---`on(channel, event_id [, function(event_id, position, microseconds)])`
---@param channel integer
---@param event_id integer
---@param callback? fun(event_id: integer, position: integer, microseconds: integer)
function rotary.on(channel, event_id, callback) end

---`getpos(channel)` → position or nil, event_id or nil
---@param channel integer
---@return integer?
---@return integer?
function rotary.getpos(channel) end

return rotary
