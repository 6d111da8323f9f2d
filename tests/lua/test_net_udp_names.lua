-- Older form: connect(port, host) of a UDP socket takes a name, as a TCP socket's does; what is sent before it is resolved
-- waits, close() forgets it, the "dns" handler is told.

local expect = require "expect"
local raises = expect.raises

local answers = {}
local dns = require "dns_server" {["here.test"] = function(_, reply) answers[#answers + 1] = reply end}
local server, client = net.createUDPSocket(), net.createConnection(net.UDP)
server:listen(0, "127.0.0.1")
local port, got = server:getaddr(), {}
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
tmr.create():alarm(10, tmr.ALARM_AUTO, function(timer)
  if #answers > 0 then
    timer:unregister()
    assert(#got == 0)
    client:send "three"
    answers[1] "127.0.0.1"
  end
end)
local netmcu = require "netmcu"
assert(netmcu.wait(function() return server:getaddr() == nil end, 20000))

-- closed, and collected, while it resolves: nothing is sent, nobody is told
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
netmcu.run(50)

-- a name that is not found
local lost = net.createUDPSocket()
lost:connect(port, "nowhere.test")
lost:send "nobody hears this"
lost:on("sent", expect.never "sent")
lost:on("dns", expect(function(self, ip, ...)
  assert(self == lost and ip == nil and lost:getaddr() == nil)
  dns:close()
end))
expect.finish()

-- it lives for its answer, and no longer
local alive = setmetatable({}, {__mode = "k"})
local hearer = net.createUDPSocket()
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
collectgarbage() -- a key with a finalizer goes in the cycle after it
assert(next(alive) == nil)
