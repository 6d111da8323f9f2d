-- If no server answers, the answer is nil within 14 s. setdnsserver() takes effect with the next
-- query.

if not require "simulated" () then return end

local expect = require "expect"
local netmcu = require "netmcu"

local server = require "dns_server" {["silent.test"] = "silent", ["garbage.test"] = "garbage", ["a.test"] = "192.0.2.1"}
local started, left = tmr.now(), 4
local function check(ip, wanted)
  assert(ip == wanted and (tmr.now() - started) / 1e6 <= 14)
  left = left - 1
  if left == 0 then
    server:close()
  end
end
net.dns.resolve("silent.test", expect(function(_, ip) check(ip, nil) end))
net.dns.resolve("garbage.test", expect(function(_, ip) check(ip, nil) end))
local sk = net.createConnection()
sk:on("dns", expect(function(self, ip) assert(self == sk and ip == nil) end))
sk:on("disconnection", expect(function(_, code)
  assert(code == -8)
  check(nil, nil)
end))
sk:connect(80, "silent.test")

-- running queries keep their server; the next query goes to the new one
local other = require "dns_server" {["a.test"] = "192.0.2.2"}
net.dns.resolve("a.test", expect(function(_, ip)
  other:close()
  check(ip, "192.0.2.2")
end))
netmcu.options {dns = "127.0.0.1:" .. other.port}

expect.finish()
