-- A socket that is open, listening, bound or resolving lives without references to it; an idle one
-- is collected. A closure over its own socket is no leak.

local expect = require "expect"
local netmcu = require "netmcu"

local alive = setmetatable({}, {__mode = "k"})
local function count()
  collectgarbage()
  collectgarbage()
  local n = 0
  for _ in pairs(alive) do
    n = n + 1
  end
  return n
end
local function track(object)
  alive[object] = true
  return object
end

-- idle sockets, with closures over themselves
local function idle()
  for create in pairs {[net.createConnection] = true, [net.createServer] = true, [net.createUDPSocket] = true} do
    local object = track(create())
    if object.on then
      object:on("receive", function() return object end)
    end
  end
  local refused = track(net.createConnection())
  refused:on("connection", function() return refused end)
  pcall(refused.connect, refused, 80, "")
  pcall(refused.connect, refused, 80, "127.0.0.1", 5)
  local server = track(net.createServer())
  pcall(server.listen, server, 0, "192.0.2.1", function() return server end)
  local udp = track(net.createUDPSocket())
  udp:listen(0)
  udp:on("receive", function() return udp end)
  udp:close()
end
idle()
assert(count() == 0, count())

-- a handler that is removed is collected, while its socket stays
do
  local object = net.createConnection()
  local function set()
    local held = track {}
    object:on("receive", function() return held end)
  end
  set()
  assert(count() == 1)
  object:on("receive", nil)
  assert(count() == 0)
end

-- sockets that listen, are connected, are bound, or resolve: collected after their end, not before
local port
local function open()
  local server = track(net.createServer())
  server:listen(0, "127.0.0.1", expect(function(client)
    track(client)
    client:on("receive", expect(function(self, data)
      self:send(data, function() self:close() end)
      server:close()
    end))
  end))
  port = server:getaddr()
  local udp = track(net.createUDPSocket())
  udp:listen(0, "127.0.0.1")
  udp:on("receive", expect(function(self, data)
    assert(data == "ping")
    self:close()
  end))
  local udp_port = udp:getaddr()
  local sk = track(net.createConnection())
  sk:on("receive", expect(function(_, data) assert(data == "x" and sk) end))
  sk:on("disconnection", expect(function(self)
    assert(self == sk)
    track(net.createUDPSocket()):send(udp_port, "127.0.0.1", "ping", function(u) u:close() end)
  end))
  sk:connect(port, "localhost", function() sk:send "x" end)
  track(net.createConnection()):dns("localhost", expect(function(self, ip) assert(alive[self] and ip) end))
  track(net.createUDPSocket()):dns("localhost", expect(function(self, ip) assert(alive[self] and ip) end))
end
open()
assert(count() == 5, count())
expect.finish()
assert(count() == 0, count())

-- a socket that is closed during its lookup lives until the answer
local function closing()
  local sk = track(net.createConnection())
  sk:connect(9, "localhost")
  sk:dns("localhost", expect(function(self) assert(self == sk) end, 2))
  sk:dns "localhost"
  sk:close()
end
closing()
assert(count() == 1)
expect.finish()
assert(count() == 0)

-- timers
local timers = 0
local function time()
  local single = track(tmr.create())
  single:alarm(1, tmr.ALARM_SINGLE, expect(function(self) assert(self == single) end))
  track(tmr.create()):register(1, tmr.ALARM_AUTO, print)
  track(tmr.create()):alarm(1, tmr.ALARM_AUTO, expect(function(self)
    timers = timers + 1
    if timers == 3 then
      self:unregister()
    end
  end, 3))
end
time()
assert(count() == 2)
expect.finish()
assert(count() == 0)

-- a timer that the script keeps can be used again
local kept = net.createServer()
for _ = 1, 3 do
  kept:listen(0, "127.0.0.1", print)
  kept:close()
end
netmcu.run(100)
