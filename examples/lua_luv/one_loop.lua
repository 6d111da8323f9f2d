-- luv and net on one loop, in a stock Lua 5.4 (Debian: lua-luv): lua5.4 one_loop.lua [port
-- [seconds]]
--
-- A timer of luv counts tenths of a second. net serves the count to TCP clients, and a client of
-- luv asks for it.
--
-- Try it:  nc 127.0.0.1 7002
local uv = require "luv"
require "net.luv" -- puts net on luv's loop; after luv, before anything else of netmcu
local net = require "net"

local port, seconds = tonumber(arg[1] or 7002), tonumber(arg[2] or math.huge)
local ticks = 0

local server = net.createServer()
server:listen(port, function(socket)
  socket:send("tick " .. ticks .. "\n", socket.close)
end)
port = server:getaddr()
print("ticks on port " .. port)
io.stdout:flush()

local function ask()
  local client = uv.new_tcp()
  client:connect("127.0.0.1", port, function(err)
    assert(not err, err)
    client:read_start(function(_, data)
      if data then
        print("luv heard " .. data:match "[^\n]*")
      else
        client:close()
      end
    end)
  end)
end

local timer = uv.new_timer()
timer:start(100, 100, function()
  ticks = ticks + 1
  if ticks == 1 then ask() end
  if ticks >= seconds * 10 then
    timer:close()
    server:close()
  end
end)

uv.run() -- until both are done; netmcu.run() would do the same
print("the loop is empty")
