-- ttl([n]) returns the system's default until it is set. ttl(nil) and ttl(-1) only read, and
-- setting returns the argument. A socket that is not open raises an error.

local expect = require "expect"

local server, sk, udp = net.createServer(), net.createConnection(), net.createUDPSocket()
expect.raises("socket is not open/bound yet", sk.ttl, sk)
expect.raises("socket is not open/bound yet", sk.ttl, sk, 5)
expect.raises("socket is not open/bound yet", udp.ttl, udp)
expect.raises("invalid user data", sk.ttl, server)

local function check(object)
  local default = object:ttl()
  assert(math.type(default) == "integer" and default > 0 and default <= 255)
  assert(object:ttl(nil) == default and object:ttl(-1) == default)
  assert(object:ttl(7) == 7 and object:ttl() == 7 and object:ttl(-1) == 7)
  assert(object:ttl "9" == 9 and object:ttl(255) == 255 and object:ttl(1) == 1)
  assert(not pcall(object.ttl, object, 256) and not pcall(object.ttl, object, (1 << 32) + 5))
  assert(not pcall(object.ttl, object, -2))
  assert(not pcall(object.ttl, object, "x"))
  assert(object:ttl() == 1)
  object:ttl(default)
end

server:listen(0, "127.0.0.1", function(client)
  check(client)
  client:on("disconnection", expect(function(self)
    expect.raises("socket is not open/bound yet", self.ttl, self)
    server:close()
  end))
end)
sk:connect(server:getaddr(), "127.0.0.1")
assert(sk:ttl(1) == 1) -- right after connect, as documented
sk:on("connection", expect(function(self)
  assert(self:ttl() == 1)
  check(self)
  self:close()
  expect.raises("socket is not open/bound yet", self.ttl, self)
end))
udp:listen(0)
check(udp)
udp:close()
expect.raises("socket is not open/bound yet", udp.ttl, udp)

expect.finish()
