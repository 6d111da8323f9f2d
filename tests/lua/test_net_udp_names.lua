-- In the older form connect(port, host), a UDP socket takes a name, as a TCP socket does. Data that
-- is sent before the name is resolved waits, close() drops it, and the "dns" handler is called.

local expect = require "expect"
local raises = expect.raises

local server, client = net.createUDPSocket(), net.createConnection(net.UDP)
server:listen(0, "127.0.0.1")
local port, got = server:getaddr(), {}
local answered = false
local dns = require "dns_server" {
  ["here.test"] = function(_, reply)
    if not answered then
      answered = true
      assert(#got == 0)
      client:send "three"
      reply "127.0.0.1"
    end
  end,
}
server:on("receive", expect(function(self, data, from, ip)
  got[#got + 1] = data
  assert(from == client:getaddr())
  if #got == 3 then
    assert(table.concat(got, " ") == "one 2 three")
    self:send(from, ip, "answer")
  end
end, 3))
raises("specify port", client.connect, client, 0, "here.test")
raises("illegal argument", client.connect, client, port, "")
raises("illegal argument", client.connect, client, port, "no name")
raises("illegal argument", client.connect, client, port, "a\0b")
expect.nothing(client:connect(port, "here.test"))
raises("already connected", client.connect, client, port, "127.0.0.1")
client:on("dns", expect(function(self, ip)
  assert(self == client and ip == "127.0.0.1")
end))
expect.nothing(client:send("one", expect(function(self) assert(self == client) end, 3)))
client:send(2)
raises("no data to send", client.send, client, "")
client:on("receive", expect(function(self, data)
  assert(data == "answer")
  self:close()
  server:close()
end))
local netmcu = require "netmcu"
assert(netmcu.wait(function() return server:getaddr() == nil end, 20000))

-- a socket that is closed or collected while it resolves sends nothing, and calls no handler
local hearer, last = net.createUDPSocket(), net.createUDPSocket()
hearer:listen(port, "127.0.0.1")
hearer:on("receive", expect(function(self, data)
  assert(data == "the last one")
  self:close()
  last:close()
end))
local quiet = net.createUDPSocket()
quiet:on("dns", expect.never "dns")
quiet:connect(port, "here.test")
quiet:send "nobody hears this"
quiet:close()
quiet:close()
quiet:connect(port, "localhost")
quiet:__gc()
net.createUDPSocket():connect(port, "localhost")
collectgarbage()
last:connect(port, "localhost")
last:send "the last one"
assert(netmcu.wait(function() return hearer:getaddr() == nil end, 20000))

-- a name that does not exist
local lost = net.createUDPSocket()
lost:connect(port, "nowhere.test")
lost:send "nobody hears this"
lost:on("sent", expect.never "sent")
lost:on("dns", expect(function(self, ip, ...)
  assert(self == lost and ip == nil and lost:getaddr() == nil)
  dns:close()
end))
expect.finish()

-- a socket without references lives until its answer, and no longer
local alive = setmetatable({}, {__mode = "k"})
hearer:listen(port, "127.0.0.1")
hearer:on("receive", expect(function(self, data)
  assert(data == "hello")
  self:close()
end))
local function forget()
  local sk = net.createConnection(net.UDP)
  alive[sk] = true
  sk:connect(port, "localhost")
  sk:send("hello", function(self) self:close() end)
end
forget()
collectgarbage()
assert(next(alive))
expect.finish()
collectgarbage()
collectgarbage() -- a key with a finalizer goes one cycle later
assert(next(alive) == nil)
