-- A server that sends pings on and on, and reads no answer, does not fill the memory of a client: the
-- answers that wait are few and short. A server that answers the client's pings is alive.

local expect = require "expect"
if not pcall(crypto.sha1, "") then
  return print "skipped: netmcu was built without nettle"
end

-- A stream on which nothing is ever sent.
local events, waiting, on_write = nil, {}, function() end
local stuck = {waiting = waiting, close = function() end}
function stuck.write(_, text)
  waiting[#waiting + 1] = text
  on_write(text)
end

require "netmcu.device.stream".connect = function(_, given)
  events = given
  return stuck
end

local function accept()
  local key = waiting[1]:match "Sec%-WebSocket%-Key: (%S+)\r\n"
  local value = encoder.toBase64(crypto.sha1(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
  events.receive("HTTP/1.1 101 OK\r\nSec-WebSocket-Accept: " .. value .. "\r\n\r\n")
end

local function connect(status)
  waiting = {}
  stuck.waiting = waiting
  local ws = websocket.createClient()
  ws:on("close", expect(function(_, code) assert(code == status, code) end))
  ws:connect "ws://127.0.0.1/"
  events.dns "127.0.0.1"
  events.connection()
  accept()
end

connect(-99)
for _ = 1, 100 do
  events.receive(("\x89\1x"):rep(100))
end
assert(#waiting > 100 and #waiting <= 1001, #waiting)
events.closed(0)

-- A control frame has at most 125 bytes.
connect(-15)
events.receive(string.pack(">BBs2", 0x89, 126, ("x"):rep(126)))
assert(#waiting == 1)

-- Anything from the server is a sign of life.
require "netmcu.device.websocket".control.ping_interval = 1
connect(-99)
local pings = 0
function on_write(text)
  assert(text:byte() == 0x89)
  pings = pings + 1
  events.receive(pings % 2 == 0 and "\x8a\0" or "\x81\0")
  if pings == 5 then
    node.task.post(function() events.closed(0) end)
  end
end
expect.finish()
