-- Sockets are userdata with __name, __tostring, __gc and __close. The close() at the end of a block
-- prints no warning.

local expect = require "expect"
local subrun = require "subrun"

local server, sk, udp = net.createServer(), net.createConnection(), net.createUDPSocket()
for name, object in pairs {["net.server"] = server, ["net.socket"] = sk, ["net.udpsocket"] = udp} do
  assert(type(object) == "userdata")
  assert(tostring(object) == name .. " (closed)")
  local metatable = debug.getmetatable(object)
  assert(metatable.__name == name and metatable.__gc and metatable.__close)
  local _, message = pcall(string.rep, object)
  assert(message:find(name, 1, true))
  assert(not pcall(function() object.x = 1 end))
end

server:listen(0, "127.0.0.1", function(client)
  local port = client:getpeer()
  assert(tostring(client) == "net.socket (connected, 127.0.0.1:" .. port .. ")")
  client:close()
  server:close()
end)
local port = server:getaddr()
assert(tostring(server) == "net.server (listening, 127.0.0.1:" .. port .. ")")
udp:listen(0)
assert(tostring(udp) == "net.udpsocket (bound, 0.0.0.0:" .. udp:getaddr() .. ")")
udp:close()
sk:on("dns", expect(function() assert(tostring(sk):find "^net.socket %(%a+ing, ") end))
sk:on("disconnection", expect(function() end))
sk:connect(port, "127.0.0.1")
expect.finish()

local kept
do
  local s <close> = net.createServer()
  local idle <close> = net.createConnection()
  s:listen(0, "127.0.0.1", print)
  kept = s
end
assert(tostring(kept) == "net.server (closed)")

-- under strict, which refuses the syntax `<close>`
local status, output, errors = subrun([[
local s = net.createServer()
s:listen(0, "127.0.0.1", print)
s:close()
getmetatable(s).__close(s)
for _, object in ipairs {net.createConnection(), net.createServer(), net.createUDPSocket()} do
  getmetatable(object).__close(object)
end
]], "--strict")
assert(status == 0 and output == "" and errors == "", errors)

-- a method of a value that is not a socket
for _, wrong in ipairs {false, 1, "x", {}, print, coroutine.create(print), io.stdout, tmr.create()} do
  for _, method in ipairs {"connect", "send", "on", "close", "hold", "unhold", "dns", "getpeer", "getaddr", "ttl", "__gc"} do
    expect.raises("invalid user data", sk[method], wrong, 1, 2, 3)
  end
end
