-- ping(host [, count], fn [, fn]): the documented examples against this machine, the errors, the numbers.
--
-- Needs ICMP sockets; skipped where neither unprivileged nor raw ones are allowed.

local expect = require "expect"
local netmcu = require "netmcu"

local allowed, message = pcall(net.ping, "127.0.0.1", 1, function() end)
if not allowed and message:find "ping: permission denied" then
  assert(message:find("sysctl net.ipv4.ping_group_range", 1, true))
  print "skipped: no ICMP sockets for this user"
  os.exit(77)
end
assert(allowed, message)

expect.raises("illegal argument", net.ping, "", print)
expect.raises("illegal argument", net.ping, "no name", print)
assert(not pcall(net.ping))
assert(not pcall(net.ping, "127.0.0.1"))
assert(not pcall(net.ping, "127.0.0.1", 1))
assert(not pcall(net.ping, "127.0.0.1", 1, "x"))
assert(not pcall(net.ping, "127.0.0.1", -1, print))
assert(not pcall(net.ping, "127.0.0.1", setmetatable({}, {__call = print})))
netmcu.run(2000)

-- with statistics; sequence numbers belong to the stack
local lines, last = {}, nil
net.ping("127.0.0.1", 2, expect(function (b, ip, sq, tm)
if ip then lines[#lines + 1] = (("%d bytes from %s, icmp_seq=%d time=%dms"):format(b, ip, sq, tm)) else print("Invalid IP address") end
assert(last == nil or sq == last + 1)
last = sq
end, 2),
expect(function (ip, tc, toc, tb, tt)
lines[#lines + 1] = (("--- %s ping statistics ---\n%d packets transmitted, %d received, %d%% packet loss, time %dms"):format(ip, tc, tc-toc, toc/tc*100, tt))
assert(tc == 2 and toc == 0 and tb == 64 and tt >= 990 and tt < 3000 and math.type(tt) == "integer")
end))
expect.finish()
assert(lines[1]:find "^32 bytes from 127%.0%.0%.1, icmp_seq=%d+ time=%d+ms$")
assert(lines[3]:find "^%-%-%- 127%.0%.0%.1 ping statistics %-%-%-\n2 packets transmitted, 2 received, 0%% packet loss, time %d+ms$")

-- a name that is not found: fn(0), and nothing else
local server = require "dns_server" {["here.test"] = "127.0.0.1"}
net.ping("nowhere.test", expect(function(...)
  assert(select("#", ...) >= 1 and (...) == 0 and select(2, ...) == nil)
end), expect.never "callback_sent")
net.ping("here.test", 1, expect(function(bytes, ip)
  assert(bytes == 32 and ip == "127.0.0.1")
  server:close()
end))
expect.finish()

-- count 0 and nil mean 4; a new ping silences the one before it
local heard, lost = 0, 0
net.ping("127.0.0.1", nil, expect(function(b, ip, sq, tm)
  assert(ip == "127.0.0.1")
  if b == 0 then
    assert(sq == 0 and tm == 0)
    lost = lost + 1
  else
    heard = heard + 1
  end
end, 4), expect(function(ip, count, missing, bytes)
  assert(count == 4 and missing == lost and bytes == 32 * heard and lost >= 2)
end))
tmr.create():alarm(500, tmr.ALARM_SINGLE, function()
  net.ping("127.0.0.1", 0, expect(function(b) assert(b == 32) end, 4))
end)
expect.finish()
