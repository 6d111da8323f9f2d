-- luv, in the style of its examples: one closure for each connection, data passed on as it arrives.
--
--   luv_server.lua [--linger] SCENARIO PORT
--
-- With --linger, a server that greets drains its output, sends the FIN, and drops what it reads until
-- the peer's end, or for two seconds, as netmcu does.
local uv = require "luv"
local arguments = { ... }
local lingers = arguments[1] == "--linger"
if lingers then table.remove(arguments, 1) end
local scenario, port = table.unpack(arguments)
port = tonumber(port)

local chunk = string.rep("x", 65536)
local greeting = "220 netmcu bench\r\n"
local response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world\n"

local function linger(client)
  local timer = uv.new_timer()
  local function finish()
    timer:close()
    client:close()
  end
  timer:start(2000, 0, finish)
  client:read_start(function(err, data)
    if err or not data then finish() end
  end)
end

local function greet(client)
  client:write(greeting, function()
    if lingers then
      client:shutdown(function() linger(client) end)
    else
      client:close()
    end
  end)
end

local function serve(client)
  if scenario == "greet" then
    greet(client)
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
      if #data == 1 then collectgarbage() end
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
