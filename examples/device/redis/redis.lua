-- A small Redis client (protocol RESP), as a module of the older kind.
--
--   r = redis.connect(host, port)
--   r:command(fn, "SET", "key", "value")      fn(value, error)
--   r:subscribe("channel", fn)                fn(channel, message)
--   r:publish("channel", "message")
--   r:close()

local net, table, string, tostring, tonumber, ipairs, setmetatable, print, unpack, type =
  net, table, string, tostring, tonumber, ipairs, setmetatable, print, unpack, type

module(...)

local client = {}
client.__index = client

-- Reads one value at a position. Returns the value and the next position, or nothing if the value
-- is not complete. An error is {err = text}.
local function parse(text, position)
  local stop = string.find(text, "\r\n", position, true)
  if not stop then return end
  local kind = string.sub(text, position, position)
  local line = string.sub(text, position + 1, stop - 1)
  local next_position = stop + 2
  if kind == "+" then
    return line, next_position
  elseif kind == "-" then
    return {err = line}, next_position
  elseif kind == ":" then
    return tonumber(line), next_position
  elseif kind == "$" then
    local length = tonumber(line)
    if length < 0 then return false, next_position end
    if #text < next_position + length + 1 then return end
    return string.sub(text, next_position, next_position + length - 1), next_position + length + 2
  elseif kind == "*" then
    local list = {}
    for i = 1, tonumber(line) do
      local value
      value, next_position = parse(text, next_position)
      if value == nil then return end
      list[i] = value
    end
    return list, next_position
  end
end

local function on_value(self, value)
  if type(value) == "table" and value[1] == "message" then
    local fn = self.channels[value[2]]
    if fn then fn(value[2], value[3]) end
    return
  end
  local fn = table.remove(self.waiting, 1)
  if not fn then return end
  if type(value) == "table" and value.err then
    fn(nil, value.err)
  else
    fn(value)
  end
end

local function on_receive(self, data)
  self.buffer = self.buffer .. data
  while #self.buffer > 0 do
    local value, position = parse(self.buffer, 1)
    if value == nil then return end
    self.buffer = string.sub(self.buffer, position)
    on_value(self, value)
  end
end

local function send_next(self)
  if self.connected and not self.sending and #self.queue > 0 then
    self.sending = true
    self.socket:send(table.remove(self.queue, 1))
  end
end

function client:command(fn, ...)
  local parts = {"*" .. arg.n .. "\r\n"}
  for i, value in ipairs(arg) do
    value = tostring(value)
    table.insert(parts, "$" .. #value .. "\r\n" .. value .. "\r\n")
  end
  table.insert(self.waiting, fn or function() end)
  local text = table.concat(parts)
  for from = 1, #text, 1400 do -- the chip has no room for more
    table.insert(self.queue, string.sub(text, from, from + 1399))
  end
  send_next(self)
end

function client:subscribe(channel, fn)
  self.channels[channel] = fn
  self:command(nil, "SUBSCRIBE", channel)
end

function client:publish(channel, message)
  self:command(nil, "PUBLISH", channel, message)
end

function client:close()
  self.socket:close()
end

function connect(host, port)
  local self = setmetatable({channels = {}, waiting = {}, queue = {}, buffer = ""}, client)
  local socket = net.createConnection(net.TCP, 0)
  self.socket = socket
  socket:on("connection", function()
    self.connected = true
    send_next(self)
  end)
  socket:on("receive", function(s, data) on_receive(self, data) end)
  socket:on("sent", function()
    self.sending = false
    send_next(self)
  end)
  socket:on("disconnection", function(s, code)
    self.connected = false
    print("redis: disconnected, " .. tostring(code))
  end)
  socket:connect(port or 6379, host)
  return self
end
