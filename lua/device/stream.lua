-- A TCP or TLS connection of a module that speaks a protocol.
--
--   local s = stream.connect(target, events)   target: is_secure, name, port
--   local s = stream.accepted(sk, events)      for a client of a server
--   s:write(text [, fn [, argument]])
--               sends the text behind all others; calls fn(argument) when everything is sent
--   s:close()   drops what is not sent; no event follows
--
-- The events are dns(ip or nil), connection(), receive(data) and closed(code), which is the last
-- one. The code is that of net.
--
-- A module's own data must not be a divergence: it goes out in pieces that fit the send buffer of
-- the device, and a close in a "receive" event waits for the end of the event.

local host = require "netmcu.host"
local net = require "net"

local SEGMENT = 1460         -- bytes
local ILLEGAL_ARGUMENT = -12 -- of net

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
    self.on_empty(self.argument)
  end
end

-- Most texts fit into a piece, and most streams have no waiting text. For these, the second branch
-- is a short path.
function Stream:write(text, fn, argument)
  self.on_empty, self.argument = fn, argument
  if self.is_busy or not self.is_open or #text > SEGMENT or text == "" then
    self.waiting[#self.waiting + 1] = text
    if self.is_open and not self.is_busy then
      send_next(self)
    end
  else
    self.is_busy = true
    self.socket:send(text)
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

local function new(sk, events)
  local self = setmetatable({socket = sk, events = events, is_open = true, waiting = {}, text = "", at = 1}, Stream)
  for _, event in ipairs {"dns", "connection", "receive"} do
    sk:on(event, function(_, argument) fire(self, event, argument) end)
  end
  sk:on("sent", function()
    if self.waiting[1] or self.at <= #self.text then
      return send_next(self)
    end
    self.is_busy = false
    if self.on_empty then
      self.on_empty(self.argument)
    end
  end)
  sk:on("disconnection", function(_, code)
    self.is_open = false
    fire(self, "closed", code)
  end)
  return self
end

-- TLS, too, goes over a net.socket, because a tls.socket does not give a code for each way to end.
local function connect(target, events)
  local sk = net.createConnection()
  local is_ready = not target.is_secure or require "netmcu.device.tls".secure(sk)
  local self = new(sk, events)
  if not is_ready or not pcall(sk.connect, sk, target.port, target.name) then
    self.is_open = false
    host.post(function() fire(self, "closed", ILLEGAL_ARGUMENT) end)
  end
  return self
end

return {connect = connect, accepted = new}
