-- MQTT 3.1.1 with QoS 0 and 1 in plain Lua, for firmware built without the mqtt module.

local M = {}
local Client = {}
Client.__index = Client

local CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
local PINGREQ, PINGRESP, DISCONNECT = 12, 13, 14

local function word(n)
  return string.char(bit.rshift(n, 8), bit.band(n, 0xff))
end

local function text_field(text)
  return word(#text) .. text
end

-- Encodes the remaining length: 7 bits in each byte, least significant first.
local function length_field(n)
  local bytes = ""
  repeat
    local digit = n % 128
    n = (n - digit) / 128
    bytes = bytes .. string.char(n > 0 and bit.bor(digit, 0x80) or digit)
  until n == 0
  return bytes
end

local function packet(kind, flags, body)
  return string.char(bit.bor(bit.lshift(kind, 4), flags)) .. length_field(#body) .. body
end

-- Takes one packet from the front of a buffer. Returns kind, flags, body and rest, or nil if the
-- packet is not complete.
local function take(buffer)
  local size, scale, at = 0, 1, 2
  while true do
    local digit = buffer:byte(at)
    if not digit then
      return nil
    end
    size = size + bit.band(digit, 0x7f) * scale
    scale = scale * 128
    at = at + 1
    if digit < 128 then
      break
    end
  end
  if #buffer < at - 1 + size then
    return nil
  end
  local first = buffer:byte(1)
  return bit.rshift(first, 4), bit.band(first, 0x0f), buffer:sub(at, at + size - 1), buffer:sub(at + size)
end

function M.Client(id, keepalive, user, password)
  return setmetatable({id = id, keepalive = keepalive, user = user, password = password,
    handlers = {}, queue = {}, buffer = "", next_id = 1, acknowledged = {}, timer = tmr.create()}, Client)
end

function Client:on(event, fn)
  self.handlers[event] = fn
end

local function emit(self, event, ...)
  local fn = self.handlers[event]
  if fn then
    fn(self, ...)
  end
end

local function send_next(self)
  if not self.sending and self.queue[1] then
    self.sending = true
    self.socket:send(table.remove(self.queue, 1))
  end
end

-- Sends in pieces that fit into the chip.
local PIECE = 1400

local function send(self, data)
  for from = 1, #data, PIECE do
    table.insert(self.queue, data:sub(from, from + PIECE - 1))
  end
  send_next(self)
end

local on_packet = {}

on_packet[CONNACK] = function(self, _, body)
  local code = body:byte(2)
  if code ~= 0 then
    emit(self, "refused", code)
    return self.socket:close()
  end
  self.timer:alarm(self.keepalive * 500, tmr.ALARM_AUTO, function() send(self, packet(PINGREQ, 0, "")) end)
  emit(self, "connect")
end

on_packet[PUBLISH] = function(self, flags, body)
  local size = body:byte(1) * 256 + body:byte(2)
  local topic, at = body:sub(3, 2 + size), 3 + size
  if bit.isset(flags, 1) then
    send(self, packet(PUBACK, 0, body:sub(at, at + 1)))
    at = at + 2
  end
  emit(self, "message", topic, body:sub(at))
end

local function on_acknowledged(self, _, body)
  local id = body:byte(1) * 256 + body:byte(2)
  local fn = self.acknowledged[id]
  self.acknowledged[id] = nil
  if fn then
    fn(self)
  end
end

on_packet[PUBACK] = on_acknowledged
on_packet[SUBACK] = on_acknowledged
on_packet[PINGRESP] = function(self) emit(self, "pong") end

local function on_receive(self, data)
  self.buffer = self.buffer .. data
  while true do
    local kind, flags, body, rest = take(self.buffer)
    if not kind then
      return
    end
    self.buffer = rest
    if on_packet[kind] then
      on_packet[kind](self, flags, body)
    end
  end
end

local function connect_packet(self)
  local flags, fields = 0x02, text_field(self.id)
  if self.user then
    flags, fields = bit.bor(flags, 0x80), fields .. text_field(self.user)
  end
  if self.password then
    flags, fields = bit.bor(flags, 0x40), fields .. text_field(self.password)
  end
  return packet(CONNECT, 0, text_field("MQTT") .. string.char(4, flags) .. word(self.keepalive) .. fields)
end

function Client:connect(host, port)
  local socket = net.createConnection(net.TCP, 0)
  self.socket, self.queue, self.buffer, self.sending = socket, {}, "", false
  socket:on("connection", function() send(self, connect_packet(self)) end)
  socket:on("receive", function(_, data) on_receive(self, data) end)
  socket:on("sent", function()
    self.sending = false
    if self.leaving and not self.queue[1] then
      return socket:close()
    end
    send_next(self)
  end)
  socket:on("disconnection", function(_, code)
    self.timer:stop()
    emit(self, "offline", code)
  end)
  socket:connect(port or 1883, host)
end

local function new_id(self, fn)
  local id = self.next_id
  self.next_id = id % 0xffff + 1
  self.acknowledged[id] = fn
  return word(id)
end

function Client:subscribe(topic, qos, fn)
  send(self, packet(SUBSCRIBE, 2, new_id(self, fn) .. text_field(topic) .. string.char(qos)))
end

function Client:publish(topic, payload, qos, retain, fn)
  local id = qos > 0 and new_id(self, fn) or ""
  send(self, packet(PUBLISH, bit.lshift(qos, 1) + retain, text_field(topic) .. id .. payload))
end

function Client:close()
  self.timer:stop()
  self.leaving = true
  send(self, packet(DISCONNECT, 0, ""))
end

return M
