-- websocket: the handshake, messages in both directions, and the status of each way to end.

local expect = require "expect"
local http_server = require "http_server"
local netmcu = require "netmcu"
if not pcall(crypto.sha1, "") then
  local done, problem = pcall(websocket.createClient)
  assert(not done and problem:find("built without nettle", 1, true))
  return print "skipped: netmcu was built without nettle"
end

local control = require "netmcu.device.websocket".control
local frame = require "netmcu.device.websocket_frame"

-- --- a server that the steps below script ---

local accepted -- called with each connection and its request
local server = http_server(function(request, c)
  c:on("receive", function() end)
  accepted(c, request)
end)
local url = "ws://127.0.0.1:" .. server.port

local function accept_of(request)
  local key = request:match "\r\nSec%-WebSocket%-Key: (%S+)\r\n"
  assert(#encoder.fromBase64(key) == 16)
  return encoder.toBase64(crypto.sha1(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
end

local function handshake(request)
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSEC-WEBSOCKET-ACCEPT: "
    .. accept_of(request) .. "\r\n\r\n"
end

local function send(c, first, payload)
  c:send(string.pack("Bs1", first, payload))
end

-- Accepts the next connection, and calls on_frame(c, first byte, payload) with each frame of the
-- client.
local function serve(on_frame, rest)
  accepted = function(c, request)
    local reader, last = frame.reader(1000000), nil
    function reader.first() return last end
    c:on("receive", function(_, data)
      while data ~= "" do -- these frames are short, and come as a whole
        local size = data:byte(2) & 127
        assert(data:byte(2) > 127, "a client masks its frames")
        local piece
        piece, data = data:sub(1, 6 + size), data:sub(7 + size)
        reader:add("\x82" .. piece:sub(2))
        on_frame(c, piece:byte(1), select(2, reader:next()))
      end
    end)
    c:send(handshake(request) .. (rest or ""))
  end
end

-- --- steps, one after another ---

local steps, at = {}, 0

local function next_step()
  at = at + 1
  if steps[at] then
    steps[at](next_step)
  else
    server:close()
  end
end

local function step(fn)
  steps[#steps + 1] = expect(fn)
end

-- A client of which one "close" with this status is expected.
local function client(status, done)
  local ws = websocket.createClient()
  ws:on("close", expect(function(self, code, ...)
    assert(self == ws and code == status and select("#", ...) == 0, ("%s, not %s"):format(code, status))
    done()
  end))
  return ws
end

-- --- the handshake ---

step(function(done)
  accepted = function(c, request)
    assert(request:gsub("Key: %S+", "Key: K") == "GET /path?q HTTP/1.1\r\nHost: 127.0.0.1:" .. url:match "%d+$"
      .. "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: K\r\nSec-WebSocket-Version: 13\r\n"
      .. "User-Agent: ESP8266\r\nSec-WebSocket-Protocol: chat\r\n\r\n", request)
    c:close()
  end
  client(-99, done):connect(url .. "/path?q")
end)

step(function(done)
  accepted = function(c, request)
    assert(request:find("GET / HTTP/1.1", 1, true))
    assert(request:find("\r\nuser-agent: me\r\n", 1, true) and request:find("\r\nX-Number: 5\r\n", 1, true))
    assert(not request:find "ESP8266" and not request:find "Sec%-WebSocket%-Version: 1\r" and request:find "chat")
    c:close()
  end
  local ws = client(-99, done)
  ws:config {headers = {["user-agent"] = "me", ["X-Number"] = 5, ["Sec-WebSocket-Version"] = "1"}}
  ws:config {} -- changes nothing
  ws:connect(url)
end)

for status, response in pairs {
  [-17] = "HTTP/1.1 200 OK\r\n", [-7] = "HTTP/1.1 101 OK\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
} do
  step(function(done)
    accepted = function(c) c:send(response) end
    client(status, done):connect(url)
  end)
end
step(function(done)
  accepted = function(c) c:send "no response at all\n" end
  client(-17, done):connect(url)
end)

-- --- URLs and connections that fail ---

for text, status in pairs {
  ["http://127.0.0.1/"] = -1, ["127.0.0.1"] = -1, [""] = -1, ["ws://" .. ("x"):rep(256)] = -2, ["ws://a:0/"] = -3,
  ["ws://a:65536/"] = -3, ["ws://a:x/"] = -3, ["ws://a:/"] = -3, ["ws:///x"] = -4, ["ws://:1/"] = -4,
  ["ws://no.such.name.invalid/"] = -5, ["ws://no such name/"] = -5, ["WS://127.0.0.1:1/"] = -109,
} do
  step(function(done)
    local ws = client(status, done)
    expect.nothing(ws:connect(text))
  end)
end

step(function(done) -- the server accepts, and says nothing
  control.connect_timeout = 50
  accepted = function() end
  client(-18, function()
    control.connect_timeout = 10000
    done()
  end):connect(url)
end)

step(function(done) -- the system gives up earlier
  control.connect_timeout = 60
  netmcu.options {connect_timeout = 20}
  netmcu.fault {kind = "delay", ms = 10000}
  client(-18, function()
    control.connect_timeout = 10000
    netmcu.options {connect_timeout = 6000}
    netmcu.fault()
    done()
  end):connect(url)
end)

-- --- messages ---

step(function(done)
  local got, ws = {}, client(0, done)
  serve(function(c, first, payload)
    got[#got + 1] = ("%02x %s"):format(first, payload)
    if first == 0x88 then
      local all = table.concat(got, "|")
      assert(all == "81 text|82 \0\xff|01 be|00 gin|80 ning|8a are you there|88 ", all)
      send(c, 0x88, "")
    elseif first == 0x80 then
      send(c, 0x89, "are you there")
      send(c, 0x8a, "unasked")
      send(c, 2, "in ")
      send(c, 0x80, "parts")
      send(c, 0x81, "")
    end
  end, "\x81\5early") -- in the same segment as the handshake
  ws:on("connection", expect(function(self, ...)
    assert(self == ws and select("#", ...) == 0)
    ws:send "text"
    ws:send("\0\xff", 2)
    ws:send("be", 0x81)
    ws:send("gin", 0x80)
    ws:send("ning", 0)
  end))
  local expected = {{"early", 1}, {"in parts", 2}, {"", 1}}
  ws:on("receive", expect(function(self, message, opcode)
    local wanted = table.remove(expected, 1)
    assert(self == ws and message == wanted[1] and opcode == wanted[2], message)
    if #expected == 0 then
      ws:close()
      ws:close()
      ws:send "after the close" -- goes nowhere
    end
  end, 3))
  ws:connect(url)
  expect.raises("Websocket already connecting or connected.\n", ws.connect, ws, url)
  expect.raises("Websocket isn't connected.\n", ws.send, ws, "early")
end)

step(function(done) -- large messages, which the server sends back as they come
  local ws, left = nil, {65535, 65536, 200000}
  local function send_next()
    if #left == 0 then
      return ws:close()
    end
    ws:send(("netmcu"):rep(left[1] // 6 + 1):sub(1, left[1]), 2)
  end
  accepted = function(c, request)
    c:on("receive", function(_, data) c:send(data) end)
    c:send(handshake(request))
  end
  ws = client(0, done)
  ws:on("connection", send_next)
  ws:on("receive", expect(function(_, message)
    local size = table.remove(left, 1)
    assert(message == ("netmcu"):rep(size // 6 + 1):sub(1, size))
    send_next()
  end, 3))
  ws:connect(url)
end)

-- --- ways to end ---

step(function(done) -- the server closes: it gets its reason back
  local is_answered = false
  serve(function(c, first, payload)
    assert(first == 0x88 and payload == "\3\xe9bye")
    is_answered = true
    c:close()
  end, "\x88\5\3\xe9bye")
  client(-6, function()
    expect.later(function()
      assert(is_answered)
      done()
    end)
  end):connect(url)
end)

step(function(done) -- it leaves without a close frame
  accepted = function(c, request) c:send(handshake(request), function() c:close() end) end
  client(-99, done):connect(url)
end)

step(function(done) -- a part of no message
  serve(expect.never "a frame", "\x80\1x")
  client(-15, done):connect(url)
end)

step(function(done) -- a message of more than 16 MiB
  serve(expect.never "a frame", "\x81\x7f\0\0\0\0\1\0\0\1")
  client(-9, done):connect(url)
end)

step(function(done) -- two pings without an answer
  control.ping_interval = 40
  local pings = 0
  serve(function(_, first, payload)
    assert(first == 0x89 and payload == "")
    pings = pings + 1
  end)
  client(-19, function()
    control.ping_interval = 30000
    assert(pings == 2)
    done()
  end):connect(url)
end)

step(function(done) -- the server ignores the close
  control.close_timeout = 40
  serve(function() end)
  local ws = client(0, function()
    control.close_timeout = 5000
    done()
  end)
  ws:on("connection", function() ws:close() end)
  ws:connect(url)
end)

step(function(done) -- close() while it connects calls "close" inside: no later connection gets it
  serve(function(c, first) send(c, first, "") end)
  local closed = false
  local ws = client(0, function() closed = true end)
  ws:connect(url)
  ws:close()
  assert(closed)
  ws:close()
  ws:on("close", expect(function(_, status)
    assert(status == 0)
    done()
  end))
  ws:on("connection", expect(function() ws:close() end))
  ws:connect(url)
end)

step(function(done) -- the same for a URL that cannot be one
  local statuses = {}
  local ws = websocket.createClient()
  ws:on("close", function(_, status) statuses[#statuses + 1] = status end)
  ws:connect "x://"
  ws:connect "ws://:1/"
  assert(table.concat(statuses, " ") == "-1 -4")
  done()
end)

step(function(done) -- a client can be used again, in its "close" too, and keeps its handlers
  local ws, rounds = websocket.createClient(), 0
  serve(function(c, first) send(c, first, "") end)
  ws:on("connection", expect(function() ws:close() end, 3))
  ws:on("close", expect(function(_, status)
    rounds = rounds + 1
    assert(status == 0)
    if rounds < 3 then
      ws:connect(url)
    else
      done()
    end
  end, 3))
  ws:connect(url)
end)

step(function(done) -- nothing counts behind a close frame
  local ws = websocket.createClient()
  accepted = function(c, request) c:send(handshake(request) .. "\x88\0\x81\1x\x81\1y") end
  ws:on("receive", expect.never "receive")
  ws:on("close", expect(function(_, status)
    assert(status == -6)
    done()
  end))
  ws:connect(url)
end)

step(function(done) -- connect() in "close": the rest of the old connection goes nowhere
  local ws, rounds = websocket.createClient(), 0
  accepted = function(c, request)
    rounds = rounds + 1
    c:on("receive", function() send(c, 0x88, "") end)
    c:send(handshake(request) .. (rounds == 1 and "\x80\1x\x81\1y" or "\x81\1z"))
  end
  ws:on("close", expect(function() ws:connect(url) end))
  ws:on("receive", expect(function(_, message)
    assert(message == "z")
    ws:on("close", expect(function() done() end))
    ws:close()
  end))
  ws:connect(url)
end)

-- --- arguments ---

local ws = websocket.createClient()
expect.nothing(ws:close())
local function refuses(text, fn, ...)
  local done, problem = pcall(fn, ...)
  assert(not done and problem:find(text, 1, true), problem)
end
refuses("bad argument #1 to 'on' (invalid option 'x')", ws.on, ws, "x", print)
refuses("bad argument #2 to 'on' (function or nil expected, got table)", ws.on, ws, "close", {})
refuses("bad argument #1 to 'config' (table expected, got no value)", ws.config, ws)
refuses("bad argument #1 to 'connect' (string expected, got table)", ws.connect, ws, {})
refuses("bad argument #1 to 'send' (websocket.client expected, got table)", ws.send, {})
refuses("Websocket isn't connected.", ws.send, ws, "x")
ws:on("close", nil)

next_step()
expect.finish()
assert(at == #steps + 1)
