-- listen([port] [, ip], fn) checks the address before the callback. listen(fn) and listen(ip, fn)
-- take a free port. nil in place of a port raises "need callback", "127.1" is an address, and ports
-- may be strings.

local expect = require "expect"
local raises = expect.raises

local server = net.createServer()
raises("need callback", server.listen, server)
raises("need callback", server.listen, server, 0)
raises("need callback", server.listen, server, nil, print)
raises("need callback", server.listen, server, nil, "127.0.0.1", print)
raises("need callback", server.listen, server, 0, nil, print)
raises("need callback", server.listen, server, 0, "127.0.0.1")
raises("need callback", server.listen, server, 0, "127.0.0.1", "print")
raises("need callback", server.listen, server, 0, "127.0.0.1", setmetatable({}, {__call = print}))
raises("invalid IP address", server.listen, server, 0, "localhost", print)
raises("invalid IP address", server.listen, server, 0, "localhost")
raises("invalid IP address", server.listen, server, 0, "", print)
raises("invalid IP address", server.listen, server, 0, "127.0.0.1.1", print)
raises("invalid IP address", server.listen, server, 0, "256.0.0.1", print)
raises("invalid IP address", server.listen, server, "no.such.name", print)
raises("illegal value", server.listen, server, 0, "192.0.2.1", print) -- another machine's
raises("invalid user data", server.listen, nil, 0, print)
raises("invalid user data", server.listen, net.createConnection(), 0, print)
assert(server:getaddr() == nil)

local function try(ip, ...)
  expect.nothing(server:listen(...))
  local port, address = server:getaddr()
  assert(port > 0 and address == ip, address)
  raises("already listening", server.listen, server, 0, print)
  raises("already listening", server.listen, server, 0, "nonsense")
  raises("already listening", server.listen, server)
  expect.nothing(server:close())
  return port
end
local function accept() end
try("0.0.0.0", accept)
try("127.0.0.1", "127.0.0.1", accept)
try("0.0.0.0", 0, accept)
try("0.0.0.0", "0", accept)
try("127.0.0.1", 0, "127.1", accept)
try("127.0.0.1", "127.1", accept)
try("127.0.0.1", "127.0.0.1", accept, 1, 2, 3)
local free = try("0.0.0.0", 65536, accept)
assert(try("127.0.0.1", free, "127.0.0.1", accept) == free)
assert(try("127.0.0.1", tostring(free), "127.0.0.1", accept) == free)
assert(try("127.0.0.1", free + 65536, "127.0.0.1", accept) == free)
assert(try("127.0.0.1", free - 65536, "127.0.0.1", accept) == free)

-- a second server on the port fails; after close() the port is free at once
local first, second = net.createServer(), net.createServer()
first:listen(0, "127.0.0.1", accept)
local port = first:getaddr()
raises("address in use", second.listen, second, port, "127.0.0.1", accept)
assert(second:getaddr() == nil)
first:close()
second:listen(port, "127.0.0.1", accept)
first:listen("127.0.0.1", accept)
second:close()
first:close()

expect.finish()
