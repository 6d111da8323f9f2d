-- on(event, fn | nil) checks the name before the function. nil removes the handler, and a missing
-- argument raises an error. Callable tables are no callbacks. UDP sockets have the events dns,
-- receive and sent.

local expect = require "expect"
local raises = expect.raises

local sk, udp, server = net.createConnection(), net.createUDPSocket(), net.createServer()
local callable = setmetatable({}, {__call = print})

for _, name in ipairs {"connection", "reconnection", "disconnection", "receive", "sent", "dns"} do
  expect.nothing(sk:on(name, print))
  expect.nothing(sk:on(name, nil))
  raises("invalid callback function", sk.on, sk, name)
  for _, wrong in ipairs {callable, 1, "print", true} do
    raises("invalid callback function", sk.on, sk, name, wrong)
  end
end
for _, name in ipairs {"", "connect", "Receive", "receive ", "close", "12"} do
  raises("invalid callback name", sk.on, sk, name, print)
  raises("invalid callback name", sk.on, sk, name)
  raises("invalid callback name", sk.on, sk, name, callable)
end
assert(not pcall(sk.on, sk))
assert(not pcall(sk.on, sk, nil, print))
assert(not pcall(sk.on, sk, print))
raises("invalid user data", sk.on, nil, "receive", print)
raises("invalid user data", sk.on, server, "receive", print)
raises("invalid user data", sk.on, "x", "receive", print)

for _, name in ipairs {"receive", "sent", "dns"} do
  expect.nothing(udp:on(name, print))
  expect.nothing(udp:on(name, nil))
end
for _, name in ipairs {"connection", "reconnection", "disconnection"} do
  raises("invalid callback name", udp.on, udp, name, print)
end

-- all events
local function methods(object)
  local names = {}
  for _, name in ipairs {"connect", "send", "on", "close", "hold", "unhold", "dns", "getpeer", "getaddr", "ttl", "listen"} do
    if object[name] then
      names[#names + 1] = name
    end
  end
  return table.concat(names, " ")
end
assert(methods(server) == "close getaddr listen", methods(server))
assert(methods(sk) == "connect send on close hold unhold dns getpeer getaddr ttl", methods(sk))

-- a handler set inside a handler is used for the next event
local peer = net.createServer()
peer:listen(0, "127.0.0.1", function(client)
  client:send(("x"):rep(1460 * 3))
  client:close()
  peer:close()
end)
local got = 0
sk:on("receive", expect(function(_, first)
  got = #first
  sk:on("receive", function(_, data)
    got = got + #data
  end)
end))
sk:on("disconnection", expect(function() assert(got == 1460 * 3) end))
sk:connect(peer:getaddr())
expect.finish()
