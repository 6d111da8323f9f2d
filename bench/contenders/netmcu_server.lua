-- netmcu in a stock lua5.4, in the style of a device script: all connections share the handlers.
--
--   netmcu_server.lua FRAME_SIZE SCENARIO PORT

--
-- All other options keep their defaults, including the warnings about what a device would refuse,
-- because this is what users run.
local net = require "net"
local netmcu = require "netmcu"
local frame_size, scenario, port = ...
netmcu.options { frame_size = tonumber(frame_size) }
port = tonumber(port)

local chunk = string.rep("x", 65536)
local greeting = "220 netmcu bench\r\n"
local response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"

local function echo(socket, data)
  socket:send(data)
end

local function drop() end

local function collect_and_echo(socket, data)
  if #data == 1 then collectgarbage() end
  socket:send(data)
end

local function pour(socket)
  socket:send(chunk)
end

local function respond(socket, data)
  if data:sub(-4) == "\r\n\r\n" then socket:send(response) end
end

local accept = {
  echo = function(socket) socket:on("receive", echo) end,
  idle = function(socket) socket:on("receive", collect_and_echo) end,
  sink = function(socket) socket:on("receive", drop) end,
  http = function(socket) socket:on("receive", respond) end,
  source = function(socket)
    socket:on("sent", pour)
    pour(socket)
  end,
  greet = function(socket)
    socket:send(greeting)
    socket:close()
  end,
}

local function resolve_forever()
  local asked = 0
  local function ask()
    asked = asked + 1
    net.dns.resolve("n" .. asked .. ".bench.test", function(_, ip)
      assert(ip, "no answer")
      ask()
    end)
  end
  net.dns.setdnsserver("127.0.0.2", 0)
  for _ = 1, 100 do ask() end
end

if scenario == "udp" then
  local socket = net.createUDPSocket()
  socket:on("receive", function(self, data, from_port, from_ip) self:send(from_port, from_ip, data) end)
  socket:listen(port, "127.0.0.1")
elseif scenario == "dns" then
  resolve_forever()
else
  net.createServer(net.TCP, 30):listen(port, "127.0.0.1", accept[scenario])
end

netmcu.run()
