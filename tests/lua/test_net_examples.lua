-- The examples of the documentation, word for word but for ports and host names, which are those of servers of this test.

local expect = require "expect"
local netmcu = require "netmcu"

local printed = {}
local function collect(...)
  local list = table.pack(...)
  for i = 1, list.n do
    list[i] = tostring(list[i])
  end
  printed[#printed + 1] = table.concat(list, "\t")
end

-- Runs an example whose globals stay its own; returns them.
local function run(source)
  printed = {}
  local environment = setmetatable({print = collect}, {__index = _G})
  assert(load(source, "=example", "t", environment))()
  return environment
end

local function free_port(create)
  local object = create()
  object:listen(0, "127.0.0.1", create == net.createServer and print or nil)
  local port = object:getaddr()
  object:close()
  return port
end

-- createServer(), server:close()
run [[
net.createServer(30) -- 30s timeout
]]
run [[
-- creates a server
sv = net.createServer(net.TCP, 30)
-- closes the server
sv:close()
]]

-- server:listen()
local port = free_port(net.createServer)
local env = run(([[
-- server listens on 80, if data received, print data to console and send "hello world" back to caller
-- 30s time out for a inactive client
sv = net.createServer(net.TCP, 30)
function receiver(sck, data)
print(data)
sck:close()
end
if sv then
sv:listen(80, function(conn)
conn:on("receive", receiver)
conn:send("hello world")
end)
end
]]):gsub("80", port))
local sk, got = net.createConnection(), {}
sk:on("receive", function(self, data)
  got[#got + 1] = data
  self:send "my data"
end)
sk:on("disconnection", expect(function(_, code)
  assert(code == 0 and table.concat(got) == "hello world" and table.concat(printed) == "my data")
  env.sv:close()
end))
sk:connect(port)
expect.finish()

-- socket:dns()
run [[
sk = net.createConnection(net.TCP, 0)
sk:dns("localhost", function(conn, ip) print(ip) end)
sk = nil
]]
assert(netmcu.wait(function() return printed[1] == "127.0.0.1" end))
expect.finish()

-- socket:on(): the request and its answer, then the buffer
local web = net.createServer()
local request = "GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\nAccept: */*\r\n\r\n"
web:listen(0, "127.0.0.1", function(client)
  client:on("receive", expect(function(self, data)
    assert(data == request)
    self:send("HTTP/1.1 200 OK\r\n\r\n" .. ("x"):rep(4000))
    self:close()
  end))
end)
local example = [[
srv = net.createConnection(net.TCP, 0)
srv:on("receive", function(sck, c) print(c) end)
-- Wait for connection before sending.
srv:on("connection", function(sck, c)
-- 'Connection: close' rather than 'Connection: keep-alive' to have server
-- initiate a close of the connection after final response (frees memory
-- earlier here), https://tools.ietf.org/html/rfc7230#section-6.6
sck:send("GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\nAccept: */*\r\n\r\n")
end)
srv:connect(80,"httpbin.org")
]]
local web_port = web:getaddr()
example = example:gsub('80,"httpbin.org"', web_port .. ',"localhost"')
env = run(example)
env.srv:on("disconnection", expect(function()
  assert(#printed >= 3 and #table.concat(printed) == 4000 + #"HTTP/1.1 200 OK\r\n\r\n")
  web:close()
end))
expect.finish()
env = run(example .. [[
local buffer = nil
srv:on("receive", function(sck, c)
if buffer == nil then
buffer = c
else
buffer = buffer .. c
end
end)
srv:on("disconnection", function() print(buffer) end)
]])
web:listen(web_port, "127.0.0.1", function(client)
  client:on("receive", expect(function(self)
    self:send(("y"):rep(4000))
    self:close()
    web:close()
  end))
end)
assert(netmcu.wait(function() return printed[1] end))
assert(printed[1] == ("y"):rep(4000))
expect.finish()

-- socket:send(): both ways of sending much
port = free_port(net.createServer)
env = run(([[
srv = net.createServer(net.TCP)
function receiver(sck, data)
local response = {}
-- if you're sending back HTML over HTTP you'll want something like this instead
-- local response = {"HTTP/1.0 200 OK\r\nServer: NodeMCU on ESP8266\r\nContent-Type: text/html\r\n\r\n"}
response[#response + 1] = "lots of data"
response[#response + 1] = "even more data"
response[#response + 1] = "e.g. content read from a file"
-- sends and removes the first element from the 'response' table
local function send(localSocket)
if #response > 0 then
localSocket:send(table.remove(response, 1))
else
localSocket:close()
response = nil
end
end
-- triggers the send() function again once the first chunk of data was sent
sck:on("sent", send)
send(sck)
end
srv:listen(80, function(conn)
conn:on("receive", receiver)
end)
]]):gsub("80", port))
got = {}
sk:on("connection", function(self) self:send "request" end)
sk:on("receive", function(_, data) got[#got + 1] = data end)
sk:on("disconnection", expect(function(_, code)
  assert(code == 0 and table.concat(got) == "lots of dataeven more datae.g. content read from a file")
  env.srv:close()
end))
sk:connect(port)
expect.finish()

local explicit = assert(load [[
local sck, header = ...
sck:send(header, function()
local data1 = "some large chunk of dynamically loaded data"
sck:send(data1, function()
local data2 = "even more dynamically loaded data"
sck:send(data2, function(sk)
sk:close()
end)
end)
end)
]])
local server = net.createServer()
server:listen(port, function(client)
  explicit(client, "header")
  server:close()
end)
got = {}
sk:on("disconnection", expect(function()
  assert(table.concat(got) == "headersome large chunk of dynamically loaded dataeven more dynamically loaded data")
end))
sk:connect(port)
expect.finish()

-- socket:ttl()
env = run [[
sk = net.createConnection(net.TCP, 0)
sk:connect(80, '192.168.1.1')
sk:ttl(1) -- restrict frames to single subnet
]]
assert(env.sk:ttl() == 1)
env.sk:close()
expect.finish()

-- udpsocket:send()
port = free_port(net.createUDPSocket)
env = run(([[
udpSocket = net.createUDPSocket()
udpSocket:listen(5000)
udpSocket:on("receive", function(s, data, port, ip)
print(string.format("received '%s' from %s:%d", data, ip, port))
s:send(port, ip, "echo: " .. data)
end)
port, ip = udpSocket:getaddr()
print(string.format("local UDP socket address / port: %s:%d", ip, port))
]]):gsub("5000", port))
assert(printed[1] == "local UDP socket address / port: 0.0.0.0:" .. port)
local udp = net.createUDPSocket()
udp:on("receive", expect(function(self, data)
  assert(data == "echo: foo" and printed[2] == "received 'foo' from 127.0.0.1:" .. self:getaddr())
  self:close()
  env.udpSocket:close()
end))
udp:send(port, "127.0.0.1", "foo")
expect.finish()

-- dns.resolve(), the servers
run [[
net.dns.resolve("localhost", function(sk, ip)
if (ip == nil) then print("DNS fail!") else print(ip) end
end)
]]
assert(netmcu.wait(function() return printed[1] == "127.0.0.1" end))
run [[
print(net.dns.getdnsserver(0)) -- 208.67.222.222
print(net.dns.getdnsserver(1)) -- nil
net.dns.setdnsserver("8.8.8.8", 0)
net.dns.setdnsserver("192.168.1.252", 1)
print(net.dns.getdnsserver(0)) -- 8.8.8.8
print(net.dns.getdnsserver(1)) -- 192.168.1.252
]]
assert(#printed == 4 and printed[3] == "8.8.8.8" and printed[4] == "192.168.1.252")
expect.finish()
