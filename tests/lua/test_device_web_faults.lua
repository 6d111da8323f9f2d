-- http and websocket in a network that delays, cuts to single bytes, or resets anywhere: each
-- request ends once, with the whole answer or with a failure.

local expect = require "expect"
local http_server = require "http_server"
local netmcu = require "netmcu"

local answer = "HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
local server = http_server(function() return answer end)
local url = "http://127.0.0.1:" .. server.port

local function fault(kind, options)
  options.kind, options.peer, options.port = kind, "127.0.0.1", server.port
  netmcu.fault()
  netmcu.fault(options)
end

local counts = {[true] = 0, [false] = 0}

-- Counts whether the answer came, and goes on.
local function request(done)
  http.post(url, "X: 1\r\n", "body", expect(function(status, body, headers)
    assert(status == -1 and body == nil or status == 200 and body == "hello world" and headers.a == "1")
    local came = status == 200
    counts[came] = counts[came] + 1
    done(came)
  end))
end

-- Resets each request one byte later than the one before, until no reset comes.
local function reset_anywhere(run, direction, finished)
  local after = 0
  local function step(came)
    if came == true then
      assert(after > 20, after)
      return finished()
    end
    fault("reset", {after = after, direction = direction})
    after = after + 1
    run(step)
  end
  step()
end

-- --- websocket: a server that sends back each frame, without its mask ---

local handshake = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: %s\r\n\r\n"

local function echo(data, c)
  local frame = require "netmcu.device.websocket_frame"
  local reader = frame.reader(1000)
  c:on("receive", function(_, more)
    reader:add(more)
    for opcode, payload in reader.next, reader do
      c:send(string.pack("Bs1", 128 | opcode, payload))
    end
  end)
  local key = data:match "Sec%-WebSocket%-Key: (%S+)"
  c:send(handshake:format(encoder.toBase64(crypto.sha1(key .. "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))))
end

local function converse(done)
  local ws, came = websocket.createClient(), false
  ws:on("connection", function() ws:send "hello" end)
  ws:on("receive", function(_, message, opcode)
    assert(not came and message == "hello" and opcode == 1)
    came = true
    ws:close()
  end)
  ws:on("close", expect(function(_, status)
    assert(status == (came and 0 or status) and (came or status < 0), status)
    done(came)
  end))
  ws:connect("ws://127.0.0.1:" .. server.port)
end

-- --- the order ---

local function gentle(run, next_one)
  fault("cut", {size = 1})
  run(function(came)
    assert(came)
    fault("delay", {ms = 5})
    run(function(second)
      assert(second)
      next_one()
    end)
  end)
end

local function rough(run, finished)
  reset_anywhere(run, "in", function() reset_anywhere(run, "out", finished) end)
end

gentle(request, function()
  rough(request, function()
    netmcu.fault()
    server:close()
    if not pcall(crypto.sha1, "") then
      return
    end
    server = http_server(echo)
    gentle(converse, function()
      rough(converse, function() server:close() end)
    end)
  end)
end)

expect.finish()
assert(counts[true] == 4 and counts[false] > 100, counts[false])
