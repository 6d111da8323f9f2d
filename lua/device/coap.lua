-- coap: a server that offers variables and functions of the script, and a client that prints the
-- answers it gets.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local net = require "net"
local packet = require "netmcu.device.coap_packet"
local tmr = require "tmr"

local coap = {
  CON = packet.CON, NON = packet.NON,
  TEXT_PLAIN = 0, LINKFORMAT = 40, XML = 41, OCTET_STREAM = 42, EXI = 47, JSON = 50,
}

local PAYLOAD = 1024 -- bytes that the device can send
local ATTEMPTS, WAIT = 5, 2000 -- for a CON request; the wait in ms doubles each time
local REMEMBERED = 16 -- answers that are sent again if their request comes again

local node = device.module("node")

local function random_id()
  return node.random(0, 65535)
end

-- --- the server ---

local Server = {}
Server.__index = Server
Server.__name = "coap_server"

-- As on the device, all servers offer the same variables and functions: lists of names, with the
-- content type of each.
local variables, functions = {}, {}

local function register(list, name, content_type, caller)
  name = argument.text(name, 1, caller)
  if list[name] == nil then
    table.insert(list, name)
  end
  list[name] = content_type == nil and coap.TEXT_PLAIN or argument.integer(content_type, 2, caller) & 0xffff
end

local function limited(payload)
  if #payload > PAYLOAD then
    argument.warn("coap.payload",
      string.format("a payload of %d bytes: the device sends at most %d", #payload, PAYLOAD))
  end
  return payload
end

local CONTENT, BAD_OPTION, NOT_FOUND, NOT_ALLOWED, FAILED = 0x45, 0x82, 0x84, 0x85, 0xa0

-- The resources: functions that take the rest of the path and the payload, and return the code of
-- the answer, its payload and content type.
local resources = {get = {}, post = {}}

resources.get[".well-known/core"] = function()
  local links = {"</.well-known/core>;ct=40"}
  for _, name in ipairs(variables) do
    table.insert(links, string.format("</v1/v/%s>;ct=%d", name, variables[name]))
  end
  return CONTENT, table.concat(links, ",") .. ",</v1/id>;ct=0", coap.LINKFORMAT
end

resources.get["v1/id"] = function()
  return CONTENT, string.pack("<I4", node.chipid()), coap.TEXT_PLAIN
end

resources.get["v1/v"] = function(name)
  local value = variables[name] and _G[name]
  if not argument.is_text(value) then
    return NOT_FOUND
  end
  return CONTENT, tostring(value), variables[name]
end

resources.post["v1/f"] = function(name, payload)
  local fn = functions[name] and _G[name]
  if type(fn) ~= "function" then
    return NOT_FOUND
  end
  local result = fn(payload)
  if not argument.is_text(result) then
    return CONTENT
  end
  return CONTENT, tostring(result), functions[name]
end

-- Returns the resource with this path, and the name behind v1/v and v1/f.
local function find_resource(group, path)
  local whole = table.concat(path, "/")
  local of_script, name = string.match(whole, "^(v1/[vf])/(.*)$")
  return group and group[of_script or whole], name or ""
end

local understood = {
  [packet.URI_HOST] = true, [packet.URI_PORT] = true, [packet.URI_PATH] = true, [packet.URI_QUERY] = true,
  [packet.ACCEPT] = true,
}

local function answer_request(request)
  for _, option in ipairs(request.options) do
    if option.number & 1 == 1 and not understood[option.number] then
      return BAD_OPTION
    end
  end
  local path = packet.values(request, packet.URI_PATH)
  for method, code in pairs(packet.methods) do
    local resource, rest = find_resource(resources[method], path)
    if resource and code == request.code then
      return resource(rest, request.payload)
    elseif resource then
      return NOT_ALLOWED
    end
  end
  return NOT_FOUND
end

local function encode_answer(request, code, payload, content_type)
  local confirmed = request.type == packet.CON
  return packet.encode {
    type = confirmed and packet.ACK or packet.NON, code = code, id = confirmed and request.id or random_id(),
    token = request.token, payload = payload and limited(payload),
    options = content_type and {{number = packet.CONTENT_FORMAT, value = packet.number(content_type)}},
  }
end

-- Returns what to send back, or nil. A request that comes again gets the same answer again.
local function serve(self, bytes, key)
  local request, malformed = packet.decode(bytes)
  local rejected = malformed or request and request.code == 0 and request
  if rejected then
    return rejected.type == packet.CON and packet.encode {type = packet.RST, code = 0, id = rejected.id} or nil
  elseif not request or request.code > 31 or request.type > packet.NON then
    return nil
  end
  key = key .. request.id
  if not self.answers[key] then
    self.answers[key] = encode_answer(request, answer_request(request)) or encode_answer(request, FAILED)
    table.insert(self.keys, key)
    if #self.keys > REMEMBERED then
      self.answers[table.remove(self.keys, 1)] = nil
    end
  end
  return self.answers[key]
end

function Server:listen(port, ip)
  argument.object(self, Server, "listen")
  port = argument.integer(port, 1, "listen")
  local socket = self.socket or net.createUDPSocket()
  local done, problem = pcall(socket.listen, socket, port, ip)
  if not done then
    argument.raise(problem)
  end
  socket:on("receive", function(_, bytes, peer_port, peer_ip)
    local answer = serve(self, bytes, peer_ip .. ":" .. peer_port .. " ")
    if answer and self.socket == socket then
      socket:send(peer_port, peer_ip, answer)
    end
  end)
  self.socket = socket
end

function Server:close()
  argument.object(self, Server, "close")
  if self.socket then
    self.socket:close()
    self.socket = nil
  end
end

function Server:var(name, content_type)
  argument.object(self, Server, "var")
  register(variables, name, content_type, "var")
end

function Server:func(name, content_type)
  argument.object(self, Server, "func")
  register(functions, name, content_type, "func")
end

function coap.Server()
  return setmetatable({answers = {}, keys = {}}, Server)
end

-- --- the client ---

local Client = {}
Client.__index = Client
Client.__name = "coap_client"

-- The socket is open while requests wait for an answer.
local function forget(self, exchange)
  self.exchanges[exchange.token] = nil
  exchange.timer:unregister()
  if next(self.exchanges) == nil and self.socket then
    self.socket:close()
    self.socket = nil
  end
end

local function find_by_id(self, id)
  for _, exchange in pairs(self.exchanges) do
    if exchange.id == id then
      return exchange
    end
  end
end

local function print_answer(answer)
  device.write(string.format("%d.%02d\t%s\n", answer.code >> 5, answer.code & 31, answer.payload))
end

-- An answer may come in the acknowledgement of the request, or in a message of its own.
local function receive(self, bytes, port, ip)
  local answer = packet.decode(bytes)
  if not answer then
    return
  end
  local exchange
  if answer.code == 0 then
    exchange = find_by_id(self, answer.id)
  else
    exchange = self.exchanges[answer.token]
  end
  local known = exchange and exchange.port == port and exchange.ip == ip
  if answer.type == packet.CON then
    self.socket:send(port, ip, packet.encode {type = known and packet.ACK or packet.RST, code = 0, id = answer.id})
  end
  if known and answer.code >= 64 then
    forget(self, exchange)
    print_answer(answer)
  elseif known and answer.type == packet.RST then
    forget(self, exchange)
  elseif known and answer.type == packet.ACK then
    exchange.acknowledged = true
  end
end

local function open_socket(self)
  local socket = net.createUDPSocket()
  socket:on("receive", function(_, bytes, port, ip)
    if self.socket == socket then
      receive(self, bytes, port, ip)
    end
  end)
  return socket
end

-- Sends the request, and again until it is acknowledged or answered. A NON request is sent once,
-- and its answer has as much time.
local function transmit(self, exchange)
  if exchange.attempt == ATTEMPTS then
    return forget(self, exchange)
  elseif exchange.attempt == 0 or exchange.confirmable and not exchange.acknowledged then
    self.socket:send(exchange.port, exchange.ip, exchange.bytes)
  end
  exchange.timer:alarm(WAIT << exchange.attempt, tmr.ALARM_SINGLE, function() transmit(self, exchange) end)
  exchange.attempt = exchange.attempt + 1
end

local function begin(self, exchange, ip)
  if ip then
    self.socket = self.socket or open_socket(self)
    self.exchanges[exchange.token] = exchange
    exchange.ip = ip
    transmit(self, exchange)
  end
end

-- The device takes addresses only. net resolves an address at once.
local function resolve(host, done)
  if not string.find(host, "^%d+%.%d+%.%d+%.%d+$") then
    argument.warn("coap.host", string.format("the name '%s' in a URI: the device takes an address", host))
  end
  net.dns.resolve(host, function(_, ip) done(ip) end)
end

local function request(self, method, kind, uri, payload)
  argument.object(self, Client, method)
  if tonumber(kind) == nil then
    kind, uri, payload = packet.CON, kind, uri
  end
  kind = argument.integer(kind, 1, method)
  if kind ~= packet.CON and kind ~= packet.NON then
    argument.raise "wrong arg type"
  end
  local host, port, options = packet.parse_uri(argument.text(uri, 2, method))
  if not host then
    argument.raise "uri wrong format."
  end
  self.id, self.token = self.id + 1 & 0xffff, self.token + 1 & 0xffffffff
  local message = {
    type = kind, code = packet.methods[method], id = self.id, token = string.pack(">I4", self.token), options = options,
    payload = payload and limited(argument.text(payload, 3, method)),
  }
  local bytes = packet.encode(message)
  if not bytes then
    argument.raise "the request does not fit into a datagram"
  end
  local exchange = {
    id = message.id, token = message.token, port = port, bytes = bytes, attempt = 0,
    confirmable = kind == packet.CON, timer = tmr.create(),
  }
  resolve(host, function(ip) begin(self, exchange, ip) end)
end

for method in pairs(packet.methods) do
  Client[method] = function(self, ...)
    request(self, method, ...)
  end
end

function coap.Client()
  return setmetatable({exchanges = {}, id = random_id(), token = node.random(0, 0x7fffffff)}, Client)
end

return {api = coap}
