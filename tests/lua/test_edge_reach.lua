-- A script that listens on port 80 and fetches from a public name runs on this machine alone, with
-- map_port and resolve.

local expect = require "expect"
local host = require "netmcu.host"

expect.raises("map-port: '80=x': a port from 0 (a free one) to 65535 expected, at 'x'", host.map_port, "80=x")
expect.raises("resolve: 'a=b': an IPv4 address expected, at 'b'", host.resolve, "a=b")
expect.raises("bind: 'nowhere': an IPv4 address of this machine expected", host.bind, "nowhere")

host.map_port "80=0"
host.map_port "53/udp=0"
host.bind "127.0.0.1"

local server = net.createServer(net.TCP, 30)
server:listen(80, expect(function(client)
  local port = client:getaddr()
  assert(port == 80)
  client:on("receive", function(self, data)
    self:send("got " .. data, function() self:close() end)
  end)
end, 2))
local port, ip = server:getaddr()
assert(port == 80 and ip == "127.0.0.1")
host.resolve("www.example.com:80=127.0.0.1:" .. host.mapped_port(80))

local dns = net.createUDPSocket()
dns:listen(53)
assert(dns:getaddr() == 53 and host.mapped_port(53, "udp") ~= 53)
host.resolve("192.0.2.53=127.0.0.1:" .. host.mapped_port(53, "udp"))
dns:on("receive", expect(function(self, data, port, ip) self:send(port, ip, "re: " .. data) end))

local function fetch(name, done)
  local sk = net.createConnection(net.TCP)
  sk:on("connection", expect(function(self)
    assert(self:getpeer() == 80)
    self:send "GET"
  end))
  sk:on("receive", expect(function(_, data) assert(data == "got GET") end))
  sk:on("disconnection", expect(function(_, code)
    assert(code == 0)
    done()
  end))
  sk:connect(80, name)
end

fetch("www.example.com", function()
  net.dns.resolve("WWW.example.com", expect(function(_, address)
    fetch(address, function() server:close() end)
  end))
end)

local client = net.createUDPSocket()
client:on("receive", expect(function(self, data, from_port, from)
  assert(data == "re: query" and from_port == 53 and from == "192.0.2.53")
  self:close()
  dns:close()
end))
client:send(53, "192.0.2.53", "query")

expect.finish()
