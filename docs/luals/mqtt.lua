---@meta mqtt
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class mqtt.client
local client_object = {}

---`connect(host [, port [, secure [, function(client) [, function(client, code)]]]])` → boolean
---@overload fun(self: mqtt.client, host: string, port: integer, secure: boolean|integer, autoreconnect: integer, callback?: fun(client: mqtt.client), callback2?: fun(client: mqtt.client, code: integer)): boolean
---@param host string
---@param port? integer
---@param secure? boolean|integer
---@param callback? fun(client: mqtt.client)
---@param callback5? fun(client: mqtt.client, code: integer)
---@return boolean
function client_object:connect(host, port, secure, callback, callback5) end

---`close()` → boolean
---@return boolean
function client_object:close() end

---`lwt(topic, message [, qos [, retain]])`
---@param topic string
---@param message string
---@param qos? integer
---@param retain? integer
function client_object:lwt(topic, message, qos, retain) end

---`on(event, function)`
---@overload fun(self: mqtt.client, event: "connect", callback: (fun(client: mqtt.client))|nil)
---@overload fun(self: mqtt.client, event: "connfail", callback: (fun(client: mqtt.client, code: integer))|nil)
---@overload fun(self: mqtt.client, event: "offline", callback: (fun(client: mqtt.client))|nil)
---@overload fun(self: mqtt.client, event: "message", callback: (fun(client: mqtt.client, topic: string, message: string?))|nil)
---@overload fun(self: mqtt.client, event: "overflow", callback: (fun(client: mqtt.client, topic: string, message: string?))|nil)
---@overload fun(self: mqtt.client, event: "puback", callback: (fun(client: mqtt.client))|nil)
---@overload fun(self: mqtt.client, event: "suback", callback: (fun(client: mqtt.client))|nil)
---@overload fun(self: mqtt.client, event: "unsuback", callback: (fun(client: mqtt.client))|nil)
---@param event string
---@param callback function
function client_object:on(event, callback) end

---`publish(topic, message, qos, retain [, function(client)])` → boolean
---@param topic string
---@param message string
---@param qos integer
---@param retain integer
---@param callback? fun(client: mqtt.client)
---@return boolean
function client_object:publish(topic, message, qos, retain, callback) end

---`subscribe(topic, qos [, function(client)])`, or `subscribe(topics [, function(client)])` → boolean
---@overload fun(self: mqtt.client, topics: table, callback?: fun(client: mqtt.client)): boolean
---@param topic string
---@param qos integer
---@param callback? fun(client: mqtt.client)
---@return boolean
function client_object:subscribe(topic, qos, callback) end

---`unsubscribe(topic or topics [, function(client)])` → boolean
---@param topic string|table
---@param callback? fun(client: mqtt.client)
---@return boolean
function client_object:unsubscribe(topic, callback) end

---@class mqtt_module
---@field CONN_FAIL_SERVER_NOT_FOUND integer
---@field CONN_FAIL_NOT_A_CONNACK_MSG integer
---@field CONN_FAIL_DNS integer
---@field CONN_FAIL_TIMEOUT_RECEIVING integer
---@field CONN_FAIL_TIMEOUT_SENDING integer
---@field CONNACK_ACCEPTED integer
---@field CONNACK_REFUSED_PROTOCOL_VER integer
---@field CONNACK_REFUSED_ID_REJECTED integer
---@field CONNACK_REFUSED_SERVER_UNAVAILABLE integer
---@field CONNACK_REFUSED_BAD_USER_OR_PASS integer
---@field CONNACK_REFUSED_NOT_AUTHORIZED integer
mqtt = {}

---`Client([client_id [, keepalive [, user [, password [, clean_session [, max_message_length]]]]]])` → client
---@param client_id? string
---@param keepalive? integer
---@param user? string
---@param password? string
---@param clean_session? integer
---@param max_message_length? integer
---@return mqtt.client
function mqtt.Client(client_id, keepalive, user, password, clean_session, max_message_length) end

return mqtt
