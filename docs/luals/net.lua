---@meta net
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class net.UDP: integer

---@class net.server
local server_object = {}

---`listen([port,] [ip,] function(socket))`
---@overload fun(self: net.server, ip: string, callback: fun(socket: net.socket))
---@overload fun(self: net.server, port: integer, callback: fun(socket: net.socket))
---@overload fun(self: net.server, callback: fun(socket: net.socket))
---@param port integer
---@param ip string
---@param callback fun(socket: net.socket)
function server_object:listen(port, ip, callback) end

---`getaddr()` → port, ip
---@return integer
---@return string
function server_object:getaddr() end

---`close()`
function server_object:close() end

---@class net.socket
local socket_object = {}

---`connect(port [, host [, function(socket)]])`
---@param port integer
---@param host? string
---@param callback? fun(socket: net.socket)
function socket_object:connect(port, host, callback) end

---`send(data [, function(socket)])`
---@param data string
---@param callback? fun(socket: net.socket)
function socket_object:send(data, callback) end

---`close()`
function socket_object:close() end

---`on(event, function or nil)`
---@overload fun(self: net.socket, event: "connection", callback: (fun(socket: net.socket))|nil)
---@overload fun(self: net.socket, event: "reconnection", callback: (fun(socket: net.socket, code: integer))|nil)
---@overload fun(self: net.socket, event: "disconnection", callback: (fun(socket: net.socket, code: integer))|nil)
---@overload fun(self: net.socket, event: "receive", callback: (fun(socket: net.socket, data: string))|nil)
---@overload fun(self: net.socket, event: "sent", callback: (fun(socket: net.socket))|nil)
---@overload fun(self: net.socket, event: "dns", callback: (fun(socket: net.socket, ip: string?))|nil)
---@param event string
---@param callback function?
function socket_object:on(event, callback) end

---`dns(name [, function(socket, ip or nil)])`
---@param name string
---@param callback? fun(socket: net.socket, ip: string?)
function socket_object:dns(name, callback) end

---`getpeer()` → port, ip
---@return integer
---@return string
function socket_object:getpeer() end

---`getaddr()` → port, ip
---@return integer
---@return string
function socket_object:getaddr() end

---`hold()`
function socket_object:hold() end

---`unhold()`
function socket_object:unhold() end

---`ttl([number])` → number
---@param number? integer
---@return integer
function socket_object:ttl(number) end

---@class net.udpsocket
local udpsocket_object = {}

---`listen([port] [, ip])`
---@param port? integer
---@param ip? string
function udpsocket_object:listen(port, ip) end

---`send(port, ip, data [, function(socket)])`
---@overload fun(self: net.udpsocket, data: string, callback?: fun(socket: net.udpsocket))
---@param port integer
---@param ip string
---@param data string
---@param callback? fun(socket: net.udpsocket)
function udpsocket_object:send(port, ip, data, callback) end

---from older firmware
---@param port integer
---@param host? string
function udpsocket_object:connect(port, host) end

---`on(event, function or nil)`
---@overload fun(self: net.udpsocket, event: "receive", callback: (fun(socket: net.udpsocket, data: string, port: integer, ip: string))|nil)
---@overload fun(self: net.udpsocket, event: "sent", callback: (fun(socket: net.udpsocket))|nil)
---@overload fun(self: net.udpsocket, event: "dns", callback: (fun(socket: net.udpsocket, ip: string?))|nil)
---@param event string
---@param callback function?
function udpsocket_object:on(event, callback) end

---`dns(name [, function(socket, ip or nil)])`
---@param name string
---@param callback? fun(socket: net.udpsocket, ip: string?)
function udpsocket_object:dns(name, callback) end

---`getaddr()` → port, ip
---@return integer
---@return string
function udpsocket_object:getaddr() end

---`ttl([number])` → number
---@param number? integer
---@return integer
function udpsocket_object:ttl(number) end

---`close()`
function udpsocket_object:close() end

---@class net_module
---@field TCP integer
---@field UDP net.UDP
net = {}

---`createConnection([type [, secure]])` → socket
---@overload fun(type: net.UDP, secure?: any): net.udpsocket
---@param type? integer
---@param secure? boolean|integer
---@return net.socket
function net.createConnection(type, secure) end

---the idle timeout in seconds: 1 to 28800, default 30
---@overload fun(type: net.UDP, timeout?: integer): net.udpsocket
---@param type? integer
---@param timeout? integer
---@return net.server
function net.createServer(type, timeout) end

---`createUDPSocket()` → UDP socket
---@return net.udpsocket
function net.createUDPSocket() end

---`ifinfo([index])` → table or nil
---@param index? integer
---@return table?
function net.ifinfo(index) end

---`multicastJoin(interface_ip, group_ip)`
---@param interface_ip string
---@param group_ip string
function net.multicastJoin(interface_ip, group_ip) end

---`multicastLeave(interface_ip, group_ip)`
---@param interface_ip string
---@param group_ip string
function net.multicastLeave(interface_ip, group_ip) end

---`ping(host, [count,] function(bytes, ip, sequence, ms) [, function(ip, count, lost, bytes, ms)])`
---@overload fun(host: string, callback: fun(bytes: integer, ip: string, sequence: integer, ms: number), callback4?: fun(ip: string, count: integer, lost: integer, bytes: integer, ms: number))
---@param host string
---@param count integer
---@param callback fun(bytes: integer, ip: string, sequence: integer, ms: number)
---@param callback4? fun(ip: string, count: integer, lost: integer, bytes: integer, ms: number)
function net.ping(host, count, callback, callback4) end

---@class net.dns_module
net.dns = {}

---`resolve(name, function(nil, ip or nil))`
---@param name string
---@param callback fun(nothing: nil, ip: string?)
function net.dns.resolve(name, callback) end

---`getdnsserver([index])` → ip or nil
---@param index? integer
---@return string?
function net.dns.getdnsserver(index) end

---`setdnsserver(ip [, index])`
---@param ip string
---@param index? integer
function net.dns.setdnsserver(ip, index) end

return net
