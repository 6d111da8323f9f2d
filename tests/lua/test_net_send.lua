-- send(data [, fn]) takes any size. All data arrives in order, from connect() on. fn replaces the
-- "sent" handler. Empty data is an error before the state is checked. Numbers are strings, and a
-- further argument that is not a function is ignored.

local expect = require "expect"
local raises = expect.raises

local idle = net.createConnection()
raises("no data to send", idle.send, idle, "")
raises("not connected", idle.send, idle, "x")
raises("not connected", idle.send, idle, 12)
raises("invalid user data", idle.send, nil, "x")
raises("invalid user data", idle.send, net.createServer(), "x")
assert(not pcall(idle.send, idle))
assert(not pcall(idle.send, idle, {}))
assert(not pcall(idle.send, idle, nil))

local big = ("0123456789abcdef"):rep(64 * 1024) -- 1 MiB
local sent_text, parts = {}, {}
local server = net.createServer()
server:listen(0, "127.0.0.1", function(client)
  client:on("receive", function(_, data) parts[#parts + 1] = data end)
  client:on("disconnection", expect(function(_, code)
    assert(code == 0 and table.concat(parts) == table.concat(sent_text))
    server:close()
  end))
end)
local port = server:getaddr()

local sk = net.createConnection()
local function send(data, ...)
  sent_text[#sent_text + 1] = data
  expect.nothing(sk:send(data, ...))
end

sk:on("sent", expect.never "the replaced handler")
local calls = 0
local function sent(self)
  assert(self == sk)
  calls = calls + 1
  if calls == 16 then
    send "last"
    sk:close()
  end
end
sk:connect(port, "localhost")
send("while resolving ", expect(sent, 16))
raises("no data to send", sk.send, sk, "")
sk:on("dns", function() send "while connecting " end)
sk:on("connection", expect(function()
  send(12)
  send(1.5)
  send(big, 7)
  send("a", {})
  send("b", nil)
  send("\0\n\r\0", "x")
  for i = 1, 7 do
    send("line " .. i)
  end
  send(big)
end))

expect.finish()
assert(calls == 16)
