-- websocket: a client. websocket_frame.lua writes and reads the frames.
--
--   IDLE ──connect──▶ RESOLVING ──▶ CONNECTING ──the server accepts──▶ OPEN ──close──▶ CLOSING ──▶ IDLE
--
-- CONNECTING includes the handshakes of TLS and of HTTP. Whatever ends a connection leads to IDLE,
-- and fires "close" with the status that the device gives it. As on the device, this happens inside
-- connect() if the URL is wrong, and inside close() if the connection is not open yet.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local host = require "netmcu.host"
local http_response = require "netmcu.device.http_response"
local stream = require "netmcu.device.stream"
local tmr = require "tmr"
local websocket_frame = require "netmcu.device.websocket_frame"

local IDLE, RESOLVING, CONNECTING, OPEN, CLOSING = 0, 1, 2, 3, 4
local CLOSE, PING, PONG = 8, 9, 10
local MOST_MISSED = 2          -- pings in a row that nothing follows
local MOST_WAITING = 1000      -- messages; behind them, pings get no answer
local MOST_MESSAGE = 16777216  -- bytes
local DEVICE_MESSAGE = 65535   -- bytes, on the device
local CONNECT_TIMED_OUT = -8   -- of net

local control = {connect_timeout = 10000, ping_interval = 30000, close_timeout = 5000} -- ms

local Client = {__name = "websocket.client"}
Client.__index = Client

-- The state of each client, which scripts cannot reach.
local states = setmetatable({}, {__mode = "k"})

local function check(self, caller)
  local state = states[self]
  if not state then
    argument.fail_type(self, 1, caller, Client.__name)
  end
  return state
end

-- --- the end of a connection ---

local function call(state, event, ...)
  local fn = state.handlers[event]
  if fn then
    fn(state.client, ...)
  end
end

local function release(state)
  if state.stream then
    state.stream:close()
    state.timer:unregister()
  end
  state.phase, state.stream, state.timer, state.reader = IDLE, nil, nil, nil
end

local function finish(state, status)
  release(state)
  call(state, "close", status)
end

-- --- frames ---

local function random_key()
  return host.random() & 0xffffffff
end

local function send_frame(state, first, payload, fn)
  state.stream:write(websocket_frame.encode(first, payload, random_key()), fn)
end

-- The close frame of the server that this one answers, or the end of the connection, ends it.
local function begin_close(state, payload, status, fn)
  state.phase, state.status = CLOSING, status
  state.timer:alarm(control.close_timeout, tmr.ALARM_SINGLE, function() finish(state, status) end)
  send_frame(state, 128 | CLOSE, payload, fn)
end

local function on_close_frame(state, payload)
  if state.phase == CLOSING then
    finish(state, state.status)
  else
    state.reader = nil
    begin_close(state, payload, -6, function() finish(state, -6) end)
  end
end

local function on_message(state, opcode, payload)
  if opcode == CLOSE then
    on_close_frame(state, payload)
  elseif opcode == PING then
    if state.phase == OPEN and #state.stream.waiting < MOST_WAITING then
      send_frame(state, 128 | PONG, payload)
    end
  elseif opcode ~= PONG then
    call(state, "receive", payload, opcode)
  end
end

-- A handler may close the connection, and even connect again. Nothing counts behind a close frame.
local function on_frames(state, data)
  local reader = state.reader
  state.missed = 0
  if state.phase == OPEN then
    state.timer:start(true)
  end
  reader:add(data)
  while state.reader == reader do
    local opcode, payload = reader:next()
    if opcode then
      on_message(state, opcode, payload)
    elseif opcode == false then
      finish(state, payload)
    else
      return
    end
  end
end

-- --- the handshake ---

local function on_ping_due(state)
  if state.missed == MOST_MISSED then
    finish(state, -19)
  else
    state.missed = state.missed + 1
    send_frame(state, 128 | PING, "")
  end
end

local function on_accepted(state, rest)
  local reader = websocket_frame.reader(MOST_MESSAGE)
  state.phase, state.missed, state.reader = OPEN, 0, reader
  state.timer:alarm(control.ping_interval, tmr.ALARM_AUTO, function() on_ping_due(state) end)
  call(state, "connection")
  if rest ~= "" and state.reader == reader then
    on_frames(state, rest)
  end
end

local function on_response(state, data)
  local response = state.response
  local is_complete, at = response:feed(data)
  if is_complete == false or response.status and response.status ~= 101 then
    finish(state, -17)
  elseif is_complete and response.headers["sec-websocket-accept"] ~= state.accept then
    finish(state, -7)
  elseif is_complete then
    on_accepted(state, string.sub(data, at))
  end
end

local function new_key()
  local bytes = string.pack(">I4I4I4I4", random_key(), random_key(), random_key(), random_key())
  return device.module("encoder").toBase64(bytes)
end

local function accept_of(key)
  return device.module("encoder").toBase64(device.module("crypto").sha1(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
end

-- The first of several headers of a name counts: a script can replace the last two.
local function format_headers(state, key)
  local lines, seen = {}, {}
  local function add(name, value)
    if not seen[string.lower(name)] then
      seen[string.lower(name)] = true
      lines[#lines + 1] = name .. ": " .. value .. "\r\n"
    end
  end
  add("Upgrade", "websocket")
  add("Connection", "Upgrade")
  add("Sec-WebSocket-Key", key)
  add("Sec-WebSocket-Version", "13")
  for name, value in pairs(state.headers) do
    add(name, value)
  end
  add("User-Agent", "ESP8266")
  add("Sec-WebSocket-Protocol", "chat")
  return table.concat(lines)
end

local function send_request(state, target)
  local key = new_key()
  state.accept, state.response = accept_of(key), http_response.new(true)
  state.stream:write(string.format("GET %s HTTP/1.1\r\nHost: %s:%d\r\n%s\r\n", target.path, target.name, target.port,
    format_headers(state, key)))
end

local function on_receive(state, data)
  if state.phase == CONNECTING then
    on_response(state, data)
  elseif state.reader then
    on_frames(state, data)
  end
end

-- --- connecting ---

-- Returns the target, or nil and the status.
local function parse_url(url)
  local scheme, authority, path = string.match(url, "^(%a+)://([^/?#]*)([^#%c]*)")
  local default = ({ws = 80, wss = 443})[string.lower(scheme or "")]
  if not default then
    return nil, -1
  elseif #authority > 255 then
    return nil, -2
  end
  local name, colon, digits = string.match(authority, "^([^:]*)(:?)(.*)$")
  local port = colon == "" and default or tonumber(string.match(digits, "^%d+"))
  if not port or port < 1 or port > 65535 then
    return nil, -3
  elseif name == "" then
    return nil, -4
  end
  return {is_secure = default == 443, name = name, port = port, path = string.find(path, "^/") and path or "/" .. path}
end

local function on_dns(state, ip)
  if ip then
    state.phase = CONNECTING
    state.timer:alarm(control.connect_timeout, tmr.ALARM_SINGLE, function() finish(state, -18) end)
  end
end

-- The system may give up before the device does, whose time-out then ends the connection.
local function on_closed(state, code)
  if state.phase == RESOLVING then
    finish(state, -5)
  elseif state.phase == CLOSING then
    finish(state, state.status)
  elseif state.phase == OPEN or code ~= CONNECT_TIMED_OUT then
    finish(state, code == 0 and -99 or code - 100)
  end
end

local function open(state, target)
  state.phase, state.timer = RESOLVING, tmr.create()
  state.stream = stream.connect(target, {
    dns = function(ip) on_dns(state, ip) end,
    connection = function() send_request(state, target) end,
    receive = function(data) on_receive(state, data) end,
    closed = function(code) on_closed(state, code) end,
  })
end

-- --- the functions ---

function Client:connect(url)
  local state = check(self, "connect")
  if state.phase ~= IDLE then
    argument.raise "Websocket already connecting or connected.\n"
  end
  local target, status = parse_url(argument.text(url, 1, "connect"))
  if target then
    open(state, target)
  else
    finish(state, status)
  end
end

function Client:close()
  local state = check(self, "close")
  if state.phase == OPEN then
    begin_close(state, "", 0)
  elseif state.phase == RESOLVING or state.phase == CONNECTING then
    finish(state, 0)
  end
end

-- As on the device, the opcode is added to the bit that ends a message. 0x81, 0x80 and 0 therefore
-- send the first, the middle and the last part of a message.
function Client:send(message, opcode)
  local state = check(self, "send")
  if state.phase ~= OPEN and state.phase ~= CLOSING then
    argument.raise "Websocket isn't connected.\n"
  end
  message = argument.text(message, 1, "send")
  opcode = opcode == nil and 1 or argument.integer(opcode, 2, "send")
  if #message > DEVICE_MESSAGE then
    argument.warn("websocket.size", string.format("a WebSocket message of %d bytes: the device sends the first %d",
      #message, #message % (DEVICE_MESSAGE + 1)))
  end
  if state.phase == OPEN then
    send_frame(state, 128 + opcode & 255, message)
  end
end

function Client:on(event, fn)
  local state = check(self, "on")
  event = argument.text(event, 1, "on")
  local is_known = event == "connection" or event == "receive" or event == "close"
  argument.check(is_known, 1, "on", "invalid option '" .. event .. "'")
  if fn ~= nil and type(fn) ~= "function" then
    argument.fail_type(fn, 2, "on", "function or nil")
  end
  state.handlers[event] = fn
end

function Client:config(options)
  local state = check(self, "config")
  local headers = argument.typed(options, 1, "config", "table").headers
  if type(headers) ~= "table" then
    return
  end
  state.headers = {}
  for name, value in pairs(headers) do
    state.headers[tostring(name)] = tostring(value)
  end
end

local function createClient()
  argument.library "netmcu.hash"
  local client = setmetatable({}, Client)
  states[client] = {client = client, phase = IDLE, handlers = {}, headers = {}}
  return client
end

return {api = {createClient = createClient}, control = control}
