---@meta tls
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class tls.socket
local socket_object = {}

---`connect(port [, host])`
---@param port integer
---@param host? string
function socket_object:connect(port, host) end

---`on(event, function or nil)`
---@overload fun(self: tls.socket, event: "dns", callback: (fun(TLS: tls.socket, ip: string?))|nil)
---@overload fun(self: tls.socket, event: "connection", callback: (fun(TLS: tls.socket))|nil)
---@overload fun(self: tls.socket, event: "receive", callback: (fun(TLS: tls.socket, data: string))|nil)
---@overload fun(self: tls.socket, event: "sent", callback: (fun(TLS: tls.socket))|nil)
---@overload fun(self: tls.socket, event: "reconnection", callback: (fun(TLS: tls.socket, reason: string?))|nil)
---@overload fun(self: tls.socket, event: "disconnection", callback: (fun(TLS: tls.socket))|nil)
---@param event string
---@param callback function?
function socket_object:on(event, callback) end

---`send(data)`
---@param data string
function socket_object:send(data) end

---`close()`
function socket_object:close() end

---`hold()`
function socket_object:hold() end

---`unhold()`
function socket_object:unhold() end

---`dns(host [, function(TLS, ip or nil)])`
---@param host string
---@param callback? fun(TLS: tls.socket, ip: string?)
function socket_object:dns(host, callback) end

---`getpeer()` → ip or nil, port or nil
---@return string?
---@return integer?
function socket_object:getpeer() end

---@class tls_module
tls = {}

---`createConnection()` → TLS
---@return tls.socket
function tls.createConnection() end

---`setDebug(level)`
---@param level integer
function tls.setDebug(level) end

---@class tls.cert_module
tls.cert = {}

---`verify(on or certificate or function)` → boolean
---@param on boolean|string|function
---@return boolean
function tls.cert.verify(on) end

---`auth(on or certificate or function [, key])` → boolean
---@param on boolean|string|function
---@param key? string
---@return boolean
function tls.cert.auth(on, key) end

return tls
