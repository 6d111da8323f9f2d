-- copas over luasocket: a coroutine for each connection, with select underneath, so no more than
-- about 1000 connections. Debian packages copas only for older versions of Lua. It is plain Lua and
-- runs with 5.4.
package.path = package.path .. ";/usr/share/lua/5.1/?.lua"
local socket = require "socket"
local copas = require "copas"
local scenario, port = ...
port = tonumber(port)
if scenario == "probe" then return end

local chunk = string.rep("x", 65536)
local greeting = "220 netmcu bench\r\n"
local response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"

-- receivePartial returns a whole block, or the available data as its third result.
local function read(client)
  local data, err, part = copas.receivePartial(client, 65536)
  return data or (part ~= "" and part) or nil, err
end

local handlers = {}

function handlers.echo(client)
  local data = read(client)
  while data do
    copas.send(client, data)
    data = read(client)
  end
end

function handlers.idle(client)
  local data = read(client)
  while data do
    if #data == 1 then collectgarbage() end
    copas.send(client, data)
    data = read(client)
  end
end

function handlers.sink(client)
  repeat until not read(client)
end

function handlers.source(client)
  repeat until not copas.send(client, chunk)
end

function handlers.greet(client)
  copas.send(client, greeting)
end

function handlers.http(client)
  local data = read(client)
  while data do
    if data:sub(-4) == "\r\n\r\n" then copas.send(client, response) end
    data = read(client)
  end
end

if scenario == "udp" then
  local server = assert(socket.udp())
  assert(server:setsockname("127.0.0.1", port))
  copas.addserver(server, function(client)
    client = copas.wrap(client)
    while true do
      local data, ip, from = client:receivefrom()
      if data then client:sendto(data, ip, from) end
    end
  end)
else
  local server = assert(socket.tcp())
  server:setoption("reuseaddr", true)
  assert(server:bind("127.0.0.1", port))
  assert(server:listen(4096))
  copas.addserver(server, function(client)
    client:setoption("tcp-nodelay", true)
    handlers[scenario](client)
    client:close()
  end)
end

copas.loop()
