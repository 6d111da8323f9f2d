-- sk:dns(name [, fn]) of TCP and UDP sockets: fn stays the "dns" handler, and a value that is not a
-- function is ignored. All answers go to the handler that is set when they arrive, even after the
-- socket is closed. Without a handler there is an error.

local expect = require "expect"
local raises = expect.raises

local late = {}
local server = require "dns_server" {
  ["a.test"] = "192.0.2.1",
  ["late.test"] = function(_, reply) late[#late + 1] = reply end,
}
local open = 0
local function ended()
  open = open - 1
  if open == 0 then
    server:close()
  end
end

for _, create in ipairs {net.createConnection, net.createUDPSocket} do
  open = open + 3
  local sk = create()
  raises("no callback specified", sk.dns, sk, "a.test")
  raises("no callback specified", sk.dns, sk, "a.test", 1)
  raises("no callback specified", sk.dns, sk, "a.test", setmetatable({}, {__call = print}))
  raises("illegal argument", sk.dns, sk, "", print)
  raises("invalid user data", sk.dns, nil, "a.test", print)
  raises("invalid user data", sk.dns, net.createServer(), "a.test", print)
  assert(not pcall(sk.dns, sk))
  assert(not pcall(sk.dns, sk, {}))

  -- fn stays
  local first = create()
  first:dns("a.test", expect(function(self, ip)
    assert(self == first and ip == "192.0.2.1")
    ended()
  end))

  -- an argument that is not a function leaves the handler in place
  local other = create()
  other:on("dns", expect(function(self, ip) assert(self == other and ip == "192.0.2.1") end))
  other:dns("a.test", "no function")

  -- both answers go to the second handler
  local second, answers = create(), {}
  second:dns("a.test", expect.never "the handler that was replaced")
  second:dns("nowhere.test", expect(function(self, ip, ...)
    assert(self == second and select("#", ...) == 0)
    answers[#answers + 1] = tostring(ip)
    if #answers == 2 then
      table.sort(answers)
      assert(table.concat(answers, " ") == "192.0.2.1 nil")
      self:dns("127.0.0.1", expect(function(_, again) assert(again == "127.0.0.1") end))
      ended()
    end
  end, 2))

  -- the socket is closed during two lookups, and the first answer removes the handler
  local third = create()
  third:on("dns", expect(function(self, ip)
    assert(self == third and ip == "192.0.2.9")
    third:on("dns", nil)
    ended()
  end))
  third:dns "late.test"
  third:dns "late.test"
  if third.connect and third.hold then
    third:connect(9, "127.0.0.1")
  else
    third:listen(0)
  end
  third:close()
  third:close()
end
tmr.create():alarm(5, tmr.ALARM_AUTO, function(timer)
  if #late == 4 then
    timer:unregister()
    for _, reply in ipairs(late) do
      reply "192.0.2.9"
    end
  end
end)

expect.finish()

-- there is no limit to the lookups of one socket
local many, count = net.createConnection(), 70000
local before = collectgarbage "count"
many:on("dns", function(self, ip)
  assert(self == many and ip == "127.0.0.1")
  count = count - 1
end)
for _ = 1, count do
  many:dns "127.0.0.1"
end
collectgarbage()
require "netmcu".run(20000)
assert(count == 0, count)
