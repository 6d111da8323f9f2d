-- multicastJoin(if_ip, group) and multicastLeave(if_ip, group) raise errors for wrong arguments only. "" and "any", in upper or
-- lower case, mean all interfaces. A script does not hear its own multicasts and broadcasts; listen(port, group) shares the
-- port.

local expect = require "expect"
local raises = expect.raises

for _, name in ipairs {"multicastJoin", "multicastLeave"} do
  local fn = net[name]
  raises("wrong arg type", fn)
  raises("wrong arg type", fn, nil, "224.0.0.251")
  raises("wrong arg type", fn, {}, "224.0.0.251")
  raises("wrong arg type", fn, "any")
  raises("wrong arg type", fn, "any", {})
  raises("invalid if ip", fn, "anyone", "224.0.0.251")
  raises("invalid if ip", fn, "eth0", "224.0.0.251")
  raises("invalid multicast ip", fn, "any", "nonsense")
  raises("invalid multicast ip", fn, "any", "192.0.2.1")
end
for _, all in ipairs {"", "any", "ANY", "Any"} do
  expect.nothing(net.multicastJoin(all, "239.255.77.1"))
  expect.nothing(net.multicastLeave(all, "239.255.77.1"))
end
net.multicastJoin("127.0.0.1", "239.255.77.1")
local one, two = net.createUDPSocket(), net.createUDPSocket()
one:listen(0, "239.255.77.1")
local port = one:getaddr()
one:close()
one:listen(port, "239.255.77.1")
two:listen(port, "239.255.77.1")
one:close()
two:close()
one:listen(port) -- other programs may have it too by now, but not the same script twice
raises("address in use", two.listen, two, port)
one:close()

-- Leaving a group twice, or one that was never joined, is no error; "any" also leaves the interfaces that were named.
for _, interface in ipairs {"127.0.0.1", "any", "127.0.0.1", "198.51.100.7"} do
  expect.nothing(net.multicastLeave(interface, "239.255.77.1"))
end
expect.nothing(net.multicastLeave("any", "239.255.77.2"))

-- own broadcasts
local hearer, caller = net.createUDPSocket(), net.createUDPSocket()
hearer:listen(0)
hearer:on("receive", expect(function(self, data)
  assert(data == "direct")
  self:close()
  caller:close()
end))
caller:send(hearer:getaddr(), "127.255.255.255", "broadcast", function()
  caller:on("sent", nil)
  caller:send(hearer:getaddr(), "127.0.0.1", "direct") -- arrives after the copy of the broadcast
end)
expect.finish()
