-- send(port, ip, data [, fn]) of a UDP socket checks port, address and data, in this order; a send
-- that raises an error does not bind. listen() after a send, and a second bind of a port, raise
-- errors. A send after close() binds again.

local expect = require "expect"
local raises = expect.raises

local udp = net.createUDPSocket()
raises("need port", udp.send, udp, 0, "127.0.0.1", "x")
raises("need port", udp.send, udp, 65536, "nonsense", "")
raises("invalid IP address", udp.send, udp, 9, "localhost", "x")
raises("invalid IP address", udp.send, udp, 9, "", "")
raises("no data to send", udp.send, udp, 9, "127.0.0.1", "")
raises("buffer error", udp.send, udp, 9, "127.0.0.1", ("x"):rep(65508))
raises("invalid user data", udp.send, nil, 9, "127.0.0.1", "x")
raises("invalid user data", udp.listen, nil, 0)
assert(not pcall(udp.send, udp))
assert(not pcall(udp.send, udp, 9))
assert(not pcall(udp.send, udp, 9, "127.0.0.1"))
assert(not pcall(udp.send, udp, 9, "127.0.0.1", {}))
assert(not pcall(udp.send, udp, "x", "127.0.0.1", "x"))
assert(not pcall(udp.send, udp, "data"))
assert(udp:getaddr() == nil and udp:getaddr() == nil)

raises("invalid IP address", udp.listen, udp, 0, "localhost")
raises("illegal value", udp.listen, udp, 0, "192.0.2.1")
assert(udp:getaddr() == nil)

local function try(ip, ...)
  expect.nothing(udp:listen(...))
  local port, address = udp:getaddr()
  assert(port > 0 and address == ip)
  raises("already listening", udp.listen, udp)
  raises("already listening", udp.listen, udp, 0, "nonsense")
  expect.nothing(udp:close())
  return port
end
local port = try("0.0.0.0")
try("0.0.0.0", nil)
try("127.0.0.1", "127.0.0.1")
try("0.0.0.0", 0)
try("127.0.0.1", 0, "127.1")
assert(try("127.0.0.1", tostring(port), "127.0.0.1") == port)
assert(try("127.0.0.1", port + 65536, "127.0.0.1") == port)

local second = net.createUDPSocket()
udp:listen(port, "127.0.0.1")
raises("address in use", second.listen, second, port, "127.0.0.1")
assert(second:getaddr() == nil)
raises("address in use", second.listen, second, port)

second:on("sent", expect(function(self)
  assert(self == second)
  local own = second:getaddr()
  raises("already listening", second.listen, second, 0)
  second:close()
  second:on("sent", expect(function()
    assert(second:getaddr() and own)
    second:close()
    udp:close()
  end))
  second:send(port, "127.0.0.1", "again")
end))
second:send(tostring(port), "127.0.0.1", 12)
assert(second:getaddr())
second:send(port - 65536, "127.0.0.1", "and then") -- the close above has removed its "sent"

local got = {}
udp:on("receive", function(_, data) got[#got + 1] = data end)

expect.finish()
