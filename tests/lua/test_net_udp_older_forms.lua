-- The older forms: createConnection(net.UDP) and createServer(net.UDP); connect(port, host), then
-- send(data); send(data) in or after "receive" answers the last sender.

local expect = require "expect"
local raises = expect.raises

local server = net.createServer(net.UDP)
server:on("receive", expect(function(self, data)
  assert(self == server)
  self:send("echo " .. data, expect(function(again) assert(again == self) end, 0, 2))
end, 2))
server:listen(0)
local port = server:getaddr()

local client = net.createConnection(net.UDP, 0)
raises("specify port", client.connect, client, 0, "127.0.0.1")
client:connect(port, "127.0.0.1")
assert(client:getaddr() == nil)
local got = {}
client:on("receive", expect(function(self, data)
  got[#got + 1] = data
  if data == "echo one" then
    self:send "two"
  else
    assert(data == "echo two")
    tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
      self:close()
      server:close()
      assert(not pcall(self.send, self, "nobody to send to"))
    end)
  end
end, 2))
client:send "one"
expect.finish()

-- the documented form works beside them; without a host, the peer is this machine
local peer = net.createUDPSocket()
peer:listen(0, "127.0.0.1")
peer:on("receive", expect(function(self, data, from, ip)
  self:send(from, ip, data)
end, 2))
local both, answers = net.createConnection(net.UDP), 0
both:connect(peer:getaddr(), nil)
both:on("receive", expect(function(self, data)
  answers = answers + 1
  assert(data == (answers == 1 and "a" or "b"))
  if answers == 1 then
    self:send((peer:getaddr()), "127.0.0.1", "b")
  else
    self:close()
    peer:close()
  end
end, 2))
both:send "a"
expect.finish()
