-- Every callback gets the same Lua object for the same socket, which can be a table key. Methods
-- can be reached through any object and take any object for which they make sense. A script may
-- call server:__gc().

local expect = require "expect"

local state = setmetatable({}, {__mode = "k"})
local server = net.createServer()
server:listen(0, "127.0.0.1", function(client)
  state[client] = "accepted"
  local function check(self)
    assert(rawequal(self, client) and state[self] == "accepted")
  end
  client:on("receive", expect(function(self, data)
    check(self)
    self:send(data, expect(function(again)
      check(again)
      again:dns("localhost", expect(function(asker)
        check(asker)
        local other = net.createConnection()
        other.close(asker) -- the same method
      end))
    end))
  end))
end)
local port = server:getaddr()

local sk = net.createConnection()
local seen = {}
for name in ("dns connection receive disconnection sent"):gmatch "%a+" do
  sk:on(name, expect(function(self)
    assert(rawequal(self, sk))
    seen[name] = true
    if name == "connection" then
      self:send "x"
    elseif name == "disconnection" then
      self.close(server)
    end
  end))
end
sk:connect(port, "127.0.0.1")
expect.finish()

local udp = net.createUDPSocket()
udp:listen(0, "127.0.0.1")
sk.close(udp)
assert(udp:getaddr() == nil)
server:listen(0, "127.0.0.1", print)
assert(udp.getaddr(server) == server:getaddr())
expect.raises("invalid user data", sk.getpeer, server)
expect.raises("invalid user data", sk.getpeer, udp)
expect.raises("invalid user data", sk.hold, udp)
expect.raises("invalid user data", sk.unhold, udp)
expect.raises("invalid user data", server.listen, sk, 0, print)
server.close(server)

-- __gc by hand, and the object afterwards
local ended = net.createServer()
ended:listen(0, "127.0.0.1", print)
ended:__gc()
ended:__gc()
assert(ended:getaddr() == nil and tostring(ended) == "net.server (closed)")
ended:close()
expect.raises("not connected", ended.listen, ended, 0, print)
local gone = net.createConnection()
gone:connect(port, "127.0.0.1")
gone:__gc()
gone:close()
gone:hold()
gone:on("receive", print)
assert(gone:getpeer() == nil and gone:getaddr() == nil)
expect.raises("not connected", gone.send, gone, "x")
expect.raises("not connected", gone.connect, gone, 80)
expect.raises("socket is not open/bound yet", gone.ttl, gone)
local lost = net.createUDPSocket()
lost:send(9, "127.0.0.1", "x", expect.never "sent")
lost:__gc()
lost:close()
expect.raises("not connected", lost.send, lost, 9, "127.0.0.1", "x")
expect.raises("not connected", lost.listen, lost, 0)
gone:dns("localhost", expect(function(self, ip) assert(self == gone and ip == "127.0.0.1") end))
expect.finish()

-- __gc in the object's own callbacks
local inner = net.createServer()
inner:listen(0, "127.0.0.1", expect(function(client)
  inner:__gc()
  client:on("connection", expect.never "connection")
  client:__gc()
end))
local caller = net.createConnection()
caller:on("disconnection", expect(function(self) self:__gc() end))
caller:connect(inner:getaddr())
expect.finish()
