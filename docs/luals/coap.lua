---@meta coap
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class coap.server
local server_object = {}

---`listen(port [, ip])`
---@param port integer
---@param ip? string
function server_object:listen(port, ip) end

---`close()`
function server_object:close() end

---`var(name [, content_type])`
---@param name string
---@param content_type? any
function server_object:var(name, content_type) end

---`func(name [, content_type])`
---@param name string
---@param content_type? any
function server_object:func(name, content_type) end

---@class coap.client
local client_object = {}

---`get(type, uri [, data])`
---@overload fun(self: coap.client, uri: string, data?: string)
---@param type integer
---@param uri any
---@param data? string
function client_object:get(type, uri, data) end

---`post(type, uri [, data])`
---@overload fun(self: coap.client, uri: string, data?: string)
---@param type integer
---@param uri any
---@param data? string
function client_object:post(type, uri, data) end

---`put(type, uri [, data])`
---@overload fun(self: coap.client, uri: string, data?: string)
---@param type integer
---@param uri any
---@param data? string
function client_object:put(type, uri, data) end

---`delete(type, uri [, data])`
---@overload fun(self: coap.client, uri: string, data?: string)
---@param type integer
---@param uri any
---@param data? string
function client_object:delete(type, uri, data) end

---@class coap_module
---@field CON integer
---@field NON integer
---@field TEXT_PLAIN integer
---@field LINKFORMAT integer
---@field XML integer
---@field OCTET_STREAM integer
---@field EXI integer
---@field JSON integer
coap = {}

---`Server()` → coap_server
---@return coap.server
function coap.Server() end

---`Client()` → coap_client
---@return coap.client
function coap.Client() end

return coap
