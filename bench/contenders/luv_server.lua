-- luv, in the style of its examples: one closure for each connection, data passed on as it arrives.
local uv = require "luv"
local scenario, port = ...
port = tonumber(port)

local chunk = string.rep("x", 65536)
local greeting = "220 netmcu bench\r\n"
local response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"

local function serve(client)
  if scenario == "greet" then
    client:write(greeting, function() client:close() end)
    return
  elseif scenario == "source" then
    local function pour(err)
      if err then client:close() else client:write(chunk, pour) end
    end
    pour()
    return
  end
  client:read_start(function(err, data)
    if err or not data then
      client:close()
    elseif scenario == "echo" then
      client:write(data)
    elseif scenario == "idle" then
      collectgarbage()
      client:write(data)
    elseif scenario == "http" and data:sub(-4) == "\r\n\r\n" then
      client:write(response)
    end
  end)
end

if scenario == "udp" then
  local socket = uv.new_udp()
  socket:bind("127.0.0.1", port)
  socket:recv_start(function(err, data, peer)
    if data and peer then socket:send(data, peer.ip, peer.port, function() end) end
  end)
else
  local server = uv.new_tcp()
  server:bind("127.0.0.1", port)
  server:listen(4096, function(err)
    assert(not err, err)
    local client = uv.new_tcp()
    server:accept(client)
    client:nodelay(true)
    serve(client)
  end)
end

uv.run()
