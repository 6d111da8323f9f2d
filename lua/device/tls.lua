-- tls: TLS connections, and the certificates of all modules that use TLS. A tls.socket is a
-- net.socket with another face: some arguments and events differ.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local host = require "netmcu.host"
local net = require "net"

local function core()
  return argument.library "netmcu.tls"
end

-- --- certificates ---

-- Those of the peers ("verify") and the device's own ("auth"): the texts in the flash, whether they
-- are in use, and the function that the script has set in their place. A program that restarts
-- scripts keeps the texts in host.tls_verify1, tls_auth1 and tls_auth2.
local stored, enabled, callbacks = {}, {}, {}
stored.verify = host.tls_verify1 and {host.tls_verify1}
stored.auth = host.tls_auth1 and {host.tls_auth1, host.tls_auth2}
local kinds = {verify = {"CERTIFICATE"}, auth = {"CERTIFICATE", "RSA PRIVATE KEY"}}
local SECTOR = 4096 -- bytes of the flash that the device has for either, with a head for each text
local HEAD = 34

-- Checks the first block as the firmware does. Returns its size without the encoding.
local function check_pem(text, kind)
  local _, last = string.find(text or argument.raise "No PEM blob", "-----BEGIN ", 1, true)
  if not last then
    argument.raise "No PEM header"
  elseif string.sub(text, last + 1, last + #kind) ~= kind then
    argument.raise "Wrong PEM type"
  end
  local body, rest = string.match(text, "^[^\n]*\n([%w+/=%s]*)()", last)
  if not body then
    argument.raise "Incorrect PEM format"
  elseif string.find(text, "^[^-]", rest) then
    argument.raise "Invalid character in PEM"
  elseif string.sub(text, rest, rest + 8 + #kind) ~= "-----END " .. kind then
    argument.raise "Invalid PEM format data"
  end
  return #string.gsub(body, "[%s=]", "") * 3 // 4
end

local function store(name, ...)
  local texts, size = {}, 0
  for i = 1, math.min(select("#", ...), #kinds[name]) do
    texts[i] = tostring((select(i, ...)))
    size = size + HEAD + check_pem(texts[i], kinds[name][i])
  end
  if size >= SECTOR then
    argument.raise "Invalid PEM format data"
  end
  stored[name] = texts
  for i, text in ipairs(texts) do
    host["tls_" .. name .. i] = text
  end
end

-- The firmware's build puts this file into the flash.
local function load_authority()
  local text = device.module "file".getcontents "server-ca.crt"
  stored.verify = text and {text}
end

local function check_stored(name)
  if name == "verify" and not stored.verify then
    load_authority()
  end
  if stored[name] then
    return
  elseif name == "auth" or host.options().strict then
    argument.raise "no certificates found"
  end
  argument.warn("tls.cert.verify", 'tls.cert.verify(true) without a certificate: the device raises "no certificates '
    .. 'found"; the desktop takes those of the system')
end

local function configure(name, ...)
  local value = ...
  callbacks[name] = type(value) == "function" and value or nil
  if callbacks[name] then
    return true
  end
  if type(value) == "string" then
    store(name, ...)
  elseif value then
    check_stored(name)
  end
  enabled[name] = value and true
  return true
end

local cert = {}

-- verify(false | true | pem | function(n)), where the function returns the n-th certificate.
function cert.verify(...)
  return configure("verify", ...)
end

-- auth(false | true | certificate, key | function(n)), where the function returns the key for 0.
function cert.auth(...)
  return configure("auth", ...)
end

-- Asks a function of the script for one text. Returns false after the last one.
local function ask(name, n)
  local result = callbacks[name](n)
  if result == nil or result == false then
    return false
  elseif not argument.is_text(result) then
    error("the function of tls.cert." .. name .. " returned a " .. type(result), 0)
  end
  return tostring(result)
end

-- Certificates in PEM or DER, in one text.
local function ask_certificates(name)
  local texts, n = {}, 1
  local text = ask(name, n)
  while text do
    texts[n] = text
    n = n + 1
    text = ask(name, n)
  end
  return table.concat(texts, texts[1] and string.find(texts[1], "-----BEGIN ", 1, true) and "\n" or "")
end

local function get_options()
  local options = {}
  if callbacks.auth then
    options.key = ask("auth", 0) or nil
    options.certificate = options.key and ask_certificates "auth"
  elseif enabled.auth then
    options.certificate, options.key = stored.auth[1], stored.auth[2]
  end
  options.verify = (callbacks.verify or enabled.verify) and true
  if callbacks.verify then
    options.ca = ask_certificates "verify"
  elseif enabled.verify and stored.verify then
    options.ca = stored.verify[1]
  end
  return options
end

-- Lets the next connect of a net.socket use TLS, with the certificates that the script has set.
-- Returns true, or nil and the reason.
local function secure(socket)
  local use = core().use
  local done, message = pcall(function() use(socket, get_options()) end)
  if not done then
    host.remark("TLS: " .. tostring(message))
    return nil, message
  elseif not (callbacks.verify or enabled.verify) then
    host.remark "TLS without tls.cert.verify: anybody may be the server, here and on the device"
  end
  return true
end

-- --- tls.socket ---

local Socket = {}
Socket.__index = Socket
Socket.__name = "tls.socket"

-- The texts of the firmware for the codes of its network.
local reasons = {
  [-1] = "Out of memory", [-3] = "Timeout", [-4] = "Routing problem", [-8] = "Connection aborted",
  [-9] = "Connection reset", [-10] = "Connection closed", [-28] = "SSL handshake failed",
}
local HANDSHAKE_FAILED = -28

local function notify(self, event, ...)
  local fn = self.handlers[event]
  if fn then
    fn(self, ...)
  end
end

-- As on the device, an unknown name causes no event but "dns". An error causes "reconnection" and
-- nothing else.
local function fail(self, code)
  self.is_open = false
  if not self.is_unknown then
    notify(self, "reconnection", reasons[code])
  end
end

local function on_dns(self, ip)
  self.is_unknown = ip == nil
  notify(self, "dns", ip)
end

local function on_end(self)
  self.is_open, self.is_closing = false, false
  notify(self, "disconnection")
end

local function create_socket()
  core() -- a build without TLS raises an error here
  local self = setmetatable({net = net.createConnection(), handlers = {}}, Socket)
  self.net:on("dns", function(_, ip) on_dns(self, ip) end)
  self.net:on("connection", function() notify(self, "connection") end)
  self.net:on("reconnection", function(_, code) fail(self, code) end)
  self.net:on("disconnection", function() on_end(self) end)
  return self
end

local function check(self)
  return argument.object(self, Socket, "self")
end

function Socket:connect(port, name)
  if check(self).is_open then
    argument.raise "already connected"
  end
  port = argument.integer(port, 1, "connect") & 0xffff
  if port == 0 then
    argument.raise "invalid port"
  end
  self.is_unknown = false
  if secure(self.net) then
    self.net:connect(port, argument.is_text(name) and name or "127.0.0.1")
  else
    host.post(function() fail(self, HANDSHAKE_FAILED) end)
  end
  self.is_open = true
end

-- Only a handler that exists costs something: for "receive" and "sent" there is an event for each
-- frame.
local costly = {receive = true, sent = true}
local events = {connection = true, disconnection = true, reconnection = true, receive = true, sent = true, dns = true}

function Socket:on(event, fn)
  check(self)
  if not events[argument.text(event, 1, "on")] then
    argument.raise "invalid method"
  elseif fn ~= nil and type(fn) ~= "function" then
    argument.raise "invalid callback function"
  end
  self.handlers[event] = fn
  if costly[event] then
    self.net:on(event, fn and function(_, data) fn(self, data) end)
  end
end

-- What is sent while there is no connection is lost, without an error.
function Socket:send(data)
  data = argument.text(data, 1, "send")
  if check(self).is_open and not self.is_closing and data ~= "" then
    self.net:send(data)
  end
end

-- As on the device, a close leads to "disconnection".
function Socket:close()
  if check(self).is_open and not self.is_closing then
    self.is_closing = true
    self.net:close()
    host.post(function() on_end(self) end)
  end
end

function Socket:hold()
  check(self).net:hold()
end

function Socket:unhold()
  check(self).net:unhold()
end

function Socket:dns(name, fn)
  if type(fn) == "function" then
    self:on("dns", fn)
  end
  check(self).net:dns(name)
end

-- Unlike net.socket, the address comes first.
function Socket:getpeer()
  local port, ip = check(self).net:getpeer()
  return ip, port
end

Socket.__tostring = function(self)
  return (string.gsub(tostring(self.net), "^net", "tls"))
end

local api = {cert = cert, createConnection = create_socket}

-- setDebug(level): prints what mbedTLS reports up to this level (0: nothing, 4: everything).
function api.setDebug(level)
  core().debug(argument.integer(level, 1, "setDebug"))
end

return {api = api, secure = secure}
