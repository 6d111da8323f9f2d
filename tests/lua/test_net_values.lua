-- Functions that are documented to return nil return no value.

local expect = require "expect"
local nothing = expect.nothing

local server, sk, udp = net.createServer(), net.createConnection(), net.createUDPSocket()
nothing(server:listen(0, "127.0.0.1", function(client)
  nothing(client:on("disconnection", expect(function() nothing(server:close()) end)))
  nothing(client:hold())
  nothing(client:unhold())
  nothing(client:send "x")
end))
nothing(sk:connect(server:getaddr(), "127.0.0.1", expect(function()
  nothing(sk:send("x", print))
  nothing(sk:send "y")
  nothing(sk:close())
end)))
nothing(sk:dns("127.0.0.1", function() end))
nothing(udp:listen(0))
nothing(udp:on("receive", print))
nothing(udp:send(udp:getaddr(), "127.0.0.1", "x"))
nothing(udp:dns("127.0.0.1", function() end))
nothing(udp:close())
nothing(net.dns.resolve("127.0.0.1", expect(function() end)))
nothing(net.dns.setdnsserver("192.0.2.1", 1))
nothing(net.multicastJoin("", "239.1.2.3"))
nothing(net.multicastLeave("", "239.1.2.3"))
assert(select("#", net.dns.getdnsserver(1)) == 1)
assert(select("#", net.ifinfo(0)) == 1 and select("#", net.ifinfo(4711)) == 1)
assert(net.ifinfo(0) and net.ifinfo(4711) == nil and net.ifinfo(-1) == nil and net.ifinfo(-(1 << 32)) == nil)

expect.finish()
