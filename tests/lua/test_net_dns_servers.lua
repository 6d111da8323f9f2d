-- setdnsserver(ip [, index]) checks the address before the index. getdnsserver([index]) returns the
-- system's servers at first.

local expect = require "expect"
local raises = expect.raises

local function is_address(ip)
  return ip == nil or ip:find "^%d+%.%d+%.%d+%.%d+$" ~= nil
end
assert(is_address(net.dns.getdnsserver(0)) and net.dns.getdnsserver(0))
assert(is_address(net.dns.getdnsserver(1)))
assert(net.dns.getdnsserver() == net.dns.getdnsserver(0))

net.dns.setdnsserver("8.8.8.8", 0)
assert(net.dns.getdnsserver(0) == "8.8.8.8" and net.dns.getdnsserver(1) == nil)
net.dns.setdnsserver("192.168.1.252", 1)
assert(net.dns.getdnsserver(0) == "8.8.8.8" and net.dns.getdnsserver(1) == "192.168.1.252")
net.dns.setdnsserver "192.0.2.1"
assert(net.dns.getdnsserver() == "192.0.2.1" and net.dns.getdnsserver "1" == "192.168.1.252")

for _, wrong in ipairs {"", "dns.test", "0.0.0.0", "255.255.255.255", "1.2.3.4.5", "256.1.1.1", "1.2.3.4:53", "::1", "1.1.1.1\0"} do
  raises("invalid dns server ip", net.dns.setdnsserver, wrong, 0)
  raises("invalid dns server ip", net.dns.setdnsserver, wrong, 7)
end
raises("server index out of range [0-1]", net.dns.setdnsserver, "8.8.8.8", 2)
raises("server index out of range [0-1]", net.dns.setdnsserver, "8.8.8.8", -1)
raises("server index out of range [0-1]", net.dns.getdnsserver, 2)
raises("server index out of range [0-1]", net.dns.getdnsserver, -1)
assert(not pcall(net.dns.setdnsserver))
assert(not pcall(net.dns.setdnsserver, "8.8.8.8", "x"))
assert(not pcall(net.dns.getdnsserver, "x"))
assert(net.dns.getdnsserver(0) == "192.0.2.1" and net.dns.getdnsserver(1) == "192.168.1.252")
