-- net.dns.resolve(host, fn) calls fn(nil, ip or nil), never inside the call. Addresses need no
-- query; names come from the hosts file, then from the servers. For NXDOMAIN, and for a name
-- without an A record, nil comes at once.

local expect = require "expect"
local raises = expect.raises

local server = require "dns_server" {
  ["one.test"] = "192.0.2.1",
  ["two.test"] = {"192.0.2.2", "192.0.2.3"},
  ["alias.test"] = "cname one.test",
  ["empty.test"] = "empty",
  ["failure.test"] = "failure",
}
local expected = {
  ["one.test"] = "192.0.2.1", ["ONE.Test"] = "192.0.2.1", ["one.test."] = "192.0.2.1", ["two.test"] = "192.0.2.2",
  ["alias.test"] = "192.0.2.1", ["empty.test"] = false, ["failure.test"] = false, ["nowhere.test"] = false,
  ["single"] = false, ["127.0.0.1"] = "127.0.0.1", ["192.0.2.77"] = "192.0.2.77", ["127.1"] = "127.0.0.1",
  ["localhost"] = "127.0.0.1",
}
local left, returned = 0, false
for _ in pairs(expected) do
  left = left + 1
end
for name, ip in pairs(expected) do
  expect.nothing(net.dns.resolve(name, expect(function(...)
    local sk, answer = ...
    assert(returned and select("#", ...) == 2 and sk == nil and (answer or false) == ip, name .. " " .. tostring(answer))
    left = left - 1
    if left == 0 then
      server:close()
    end
  end)))
end
returned = true

raises("illegal argument", net.dns.resolve, "", print)
raises("illegal argument", net.dns.resolve, "no name", print)
raises("illegal argument", net.dns.resolve, "a..b", print)
raises("illegal argument", net.dns.resolve, "a\0.test", print)
raises("illegal argument", net.dns.resolve, ("x"):rep(64), print)
raises("illegal argument", net.dns.resolve, ("x."):rep(127) .. "xx", print)
assert(not pcall(net.dns.resolve))
assert(not pcall(net.dns.resolve, "one.test"))
assert(not pcall(net.dns.resolve, "one.test", "print"))
assert(not pcall(net.dns.resolve, "one.test", setmetatable({}, {__call = print})))
assert(not pcall(net.dns.resolve, nil, print))

expect.finish()
for _, name in ipairs(server.asked) do
  assert(not name:find "^%d+%." and name ~= "localhost", name)
end
