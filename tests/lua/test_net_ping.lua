-- ping(host [, count], fn [, fn]): the errors, the arguments of both functions, names and counts.
-- The documented examples are in test_documented_ping.
--
-- Needs ICMP sockets; skipped if neither unprivileged nor raw ones are allowed.
--
-- Needs ICMP sockets; skipped where neither unprivileged nor raw ones are allowed.

local expect = require "expect"
local netmcu = require "netmcu"

local allowed, message = pcall(net.ping, "127.0.0.1", 1, function() end)
if not allowed and message:find "ping: permission denied" then
  assert(message:find("sysctl net.ipv4.ping_group_range", 1, true))
  print "skipped: no ICMP sockets for this user"
  os.exit(77, false)
end
assert(allowed, message)

expect.raises("illegal argument", net.ping, "", print)
expect.raises("illegal argument", net.ping, "no name", print)
assert(not pcall(net.ping))
assert(not pcall(net.ping, "127.0.0.1", -1, print))
assert(not pcall(net.ping, "127.0.0.1", setmetatable({}, {__call = print})))
local no_received = "bad argument #%d to 'net.ping' (no received callback specified)"
expect.raises(no_received:format(3), net.ping, "127.0.0.1")
expect.raises(no_received:format(3), net.ping, "127.0.0.1", 1)
expect.raises(no_received:format(3), net.ping, "127.0.0.1", 1, "x")
local wrong_sent = "bad argument #%d to 'net.ping' (invalid sent callback, function expected)"
expect.raises(wrong_sent:format(4), net.ping, "127.0.0.1", 1, print, "x")
expect.raises(wrong_sent:format(3), net.ping, "127.0.0.1", print, "x")
netmcu.run(2000)

-- with statistics; all pings share the sequence numbers
local last
net.ping("127.0.0.1", 2, expect(function(bytes, ip, sequence, ms)
  assert(bytes == 32 and ip == "127.0.0.1" and ms >= 0 and ms < 1000)
  assert(last == nil or sequence == last + 1)
  last = sequence
end, 2), expect(function(ip, count, lost, bytes, ms)
  assert(ip == "127.0.0.1" and count == 2 and lost == 0 and bytes == 64)
  assert(math.type(ms) == "integer" and ms >= 990 and ms < 3000)
end))
expect.finish()

-- for a name that does not exist, fn(0) is the only call
local server = require "dns_server" {["here.test"] = "127.0.0.1"}
net.ping("nowhere.test", expect(function(...)
  assert(select("#", ...) >= 1 and (...) == 0 and select(2, ...) == nil)
end), expect.never "callback_sent")
net.ping("here.test", 1, expect(function(bytes, ip)
  assert(bytes == 32 and ip == "127.0.0.1")
  server:close()
end))
expect.finish()

-- a count of 0 or nil means 4; a new ping silences the one before it
local heard, lost = 0, 0
net.ping("127.0.0.1", nil, expect(function(b, ip, sq, tm)
  assert(ip == "127.0.0.1")
  if b == 0 then
    assert(sq == 0 and tm == 0)
    lost = lost + 1
  else
    heard = heard + 1
    if heard == 1 then
      net.ping("127.0.0.1", 0, expect(function(size) assert(size == 32) end, 4))
    end
  end
end, 4), expect(function(ip, count, missing, bytes)
  assert(count == 4 and missing == lost and bytes == 32 * heard and lost == 3)
end))
expect.finish()
