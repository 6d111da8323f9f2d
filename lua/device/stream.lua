-- A TCP or TLS connection of a module that speaks a protocol.
--
--   local s = stream.connect(target, events)   target: is_secure, name, port
--   local s = stream.accepted(sk, events)      for a client of a server
--   s:write(text [, fn])   sends the text behind all others; calls fn() when everything is sent
--   s:close()              drops what is not sent; no event follows
--
-- The events are dns(ip or nil), connection(), receive(data) and closed(code), which is the last
-- one. The code is that of net.
--
-- A module's own data must not be a divergence: it goes out in pieces that fit the send buffer of
-- the device, and a close in a "receive" event waits for the end of the event.

local device = require "netmcu.device.init"
local host = require "netmcu.host"
local net = require "net"

local SEGMENT = 1460         -- bytes
local ILLEGAL_ARGUMENT, ABORTED, TLS_ERROR = -12, -8, -28 -- codes of net

local Stream = {}
Stream.__index = Stream

local function fire(self, event, argument)
  local fn = self.events[event]
  if fn then
    fn(argument)
  end
end

local function send_next(self)
  if self.at > #self.text then
    self.text, self.at, self.waiting = table.concat(self.waiting), 1, {}
  end
  local piece = string.sub(self.text, self.at, self.at + SEGMENT - 1)
  self.at = self.at + #piece
  self.is_busy = piece ~= ""
  if self.is_busy then
    self.socket:send(piece)
  elseif self.on_empty then
    self.on_empty()
  end
end

function Stream:write(text, fn)
  self.waiting[#self.waiting + 1] = text
  self.on_empty = fn
  if self.is_open and not self.is_busy then
    send_next(self)
  end
end

local function close_socket(self)
  if self.is_open then
    self.is_open = false
    self.socket:close()
  end
end

function Stream:close()
  self.events, self.on_empty, self.waiting, self.text = {}, nil, {}, ""
  if self.is_busy then
    host.post(function() close_socket(self) end)
  else
    close_socket(self)
  end
end

-- A tls.socket gives a text for an error, and no code for the peer's end.
local function end_with(self, code)
  self.is_open = false
  fire(self, "closed", type(code) == "string" and TLS_ERROR or code or 0)
end

local function new(sk, events)
  local self = setmetatable({socket = sk, events = events, is_open = true, waiting = {}, text = "", at = 1}, Stream)
  for _, event in ipairs {"dns", "connection", "receive"} do
    sk:on(event, function(_, argument) fire(self, event, argument) end)
  end
  sk:on("sent", function() send_next(self) end)
  for _, event in ipairs {"disconnection", "reconnection"} do
    sk:on(event, function(_, code) end_with(self, code) end)
  end
  return self
end

local function connect(target, events)
  local self = new(target.is_secure and device.module("tls").createConnection() or net.createConnection(), events)
  if target.is_secure then -- an unknown name causes no other event of a tls.socket
    self.socket:on("dns", function(_, ip)
      fire(self, "dns", ip)
      if ip == nil then
        end_with(self, ABORTED)
      end
    end)
  end
  if not pcall(self.socket.connect, self.socket, target.port, target.name) then
    self.is_open = false
    host.post(function() fire(self, "closed", ILLEGAL_ARGUMENT) end)
  end
  return self
end

return {connect = connect, accepted = new}
