-- getpeer() and getaddr() return the port and the address, or nil and nil, but always two values.
-- While a name is being resolved, getpeer() returns the port and 0.0.0.0.

local expect = require "expect"

local function check(method, object, port, ip)
  local values = table.pack(object[method](object))
  assert(values.n == 2 and values[1] == port and values[2] == ip,
    ("%s: %s %s %s"):format(method, values.n, values[1], values[2]))
  assert(port == nil or math.type(values[1]) == "integer")
end

local server, udp, sk = net.createServer(), net.createUDPSocket(), net.createConnection()
check("getaddr", server)
check("getaddr", udp)
check("getaddr", sk)
check("getpeer", sk)

server:listen(0, "127.0.0.1", function(client)
  local peer_port, peer_ip = client:getpeer()
  assert(peer_port == sk:getaddr() and peer_ip == "127.0.0.1")
  check("getaddr", client, server:getaddr())
  check("getpeer", sk, server:getaddr())
  client:on("disconnection", expect(function()
    check("getpeer", client)
    check("getaddr", client)
    server:close()
    check("getaddr", server)
  end))
  sk:close()
  check("getpeer", sk)
  check("getaddr", sk)
end)
local port, ip = server:getaddr()
assert(port > 0 and port < 65536 and ip == "127.0.0.1")
sk:connect(port, "localhost")
check("getpeer", sk, port, "0.0.0.0")
assert(tostring(sk) == "net.socket (resolving, 0.0.0.0:" .. port .. ")")

udp:listen(0)
local udp_port, udp_ip = udp:getaddr()
assert(udp_port > 0 and udp_ip == "0.0.0.0")
udp:close()
check("getaddr", udp)

local any = net.createServer()
any:listen(print)
assert(any:getaddr() > 0 and select(2, any:getaddr()) == "0.0.0.0")
any:close()

expect.finish()
