---@meta websocket
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class websocket.client
local client_object = {}

---`connect(url)`
---@param url string
function client_object:connect(url) end

---`send(text [, opcode])`
---@param text string
---@param opcode? integer
function client_object:send(text, opcode) end

---`close()`
function client_object:close() end

---`on(event, function or nil)`
---@overload fun(self: websocket.client, event: "connection", callback: (fun(ws: websocket.client))|nil)
---@overload fun(self: websocket.client, event: "receive", callback: (fun(ws: websocket.client, text: string, opcode: integer))|nil)
---@overload fun(self: websocket.client, event: "close", callback: (fun(ws: websocket.client, status: integer))|nil)
---@param event string
---@param callback function?
function client_object:on(event, callback) end

---`config(options)`
---@param options table
function client_object:config(options) end

---@class websocket_module
websocket = {}

---`createClient()` → ws
---@return websocket.client
function websocket.createClient() end

return websocket
