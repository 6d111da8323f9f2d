-- The arguments and results of netmcu.options(), run(), wait() and walk().

local netmcu = require "netmcu"
local expect = require "expect"
local raises = expect.raises

local before = netmcu.options()
assert(before.strict == false and before.frame_size == 1460 and before.connect_timeout == 6000)
assert(before.linger_timeout == 2000 and before.warnings == false)
local after = netmcu.options {strict = true, frame_size = 0, connect_timeout = 1, linger_timeout = 5, warnings = true}
assert(after.strict and after.frame_size == 0 and after.connect_timeout == 1 and after.linger_timeout == 5 and after.warnings)
netmcu.options(before)
assert(netmcu.options().frame_size == 1460 and not netmcu.options().strict)

for _, wrong in ipairs {-1, 2^31, 1e300, 0 / 0, -1 / 0} do
  raises("option frame_size: a number from 0 to 2147483647 expected", netmcu.options, {frame_size = wrong})
  raises("option connect_timeout: a number from 1 to 2147483647 expected", netmcu.options, {connect_timeout = wrong})
end
raises("option linger_timeout: a number from 1 to 2147483647 expected", netmcu.options, {linger_timeout = "5"})
raises("option strict: true or false expected", netmcu.options, {strict = 1})
raises("option warnings: true or false expected", netmcu.options, {warnings = "no"})
raises("no option 'x'", netmcu.options, {x = 1})
raises("no option '1'", netmcu.options, {true})
for _, wrong in ipairs {"", "x", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:5x", "0.0.0.0", "255.255.255.255"} do
  assert(not pcall(netmcu.options, {dns = wrong}), wrong)
end
netmcu.options {dns = {"192.0.2.1", "192.0.2.2:5353"}}
assert(net.dns.getdnsserver(0) == "192.0.2.1" and net.dns.getdnsserver(1) == "192.0.2.2")
for _, wrong in ipairs {5, "x", true} do
  assert(not pcall(netmcu.options, wrong))
end

-- run with nothing to do, with and without a limit; stop
netmcu.run()
netmcu.run(1)
for _, any in ipairs {0, -5, 1e300, 0 / 0, 1 / 0} do
  netmcu.run(any) -- ends at once, because nothing is open
end
assert(not pcall(netmcu.run, "x") and not pcall(netmcu.wait) and not pcall(netmcu.wait, print, "x"))
local udp = net.createUDPSocket()
udp:listen(0, "127.0.0.1")
netmcu.run(5)
assert(#netmcu.walk() == 1 and netmcu.walk()[1] == "net.udpsocket (bound, 127.0.0.1:" .. udp:getaddr() .. ")")
tmr.create():alarm(1, tmr.ALARM_SINGLE, netmcu.stop)
netmcu.run(60000)
assert(#netmcu.walk() == 1)
udp:close()

-- wait
local value
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() value = "value" end)
assert(netmcu.wait(function() return value end) == "value")
assert(netmcu.wait(function() end, 5) == false and netmcu.wait(function() return nil end, 0) == false)
assert(#netmcu.walk() == 0)
