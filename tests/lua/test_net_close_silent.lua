-- After its own close(), a socket has no further event, not even "sent", except the answer of a
-- dns() that still runs. Everything sent before goes out first.

local expect = require "expect"

local server = net.createServer()
local received = {}
server:listen(0, "127.0.0.1", function(client)
  client:on("receive", function(_, data) received[#received + 1] = data end)
  client:on("disconnection", expect(function(_, code)
    assert(code == 0 and table.concat(received) == "a" .. ("b"):rep(300000))
    server:close()
  end))
  client:send "unread"
end)
local port = server:getaddr()

local sk = net.createConnection()
for _, name in ipairs {"receive", "disconnection", "reconnection", "sent"} do
  sk:on(name, expect.never(name))
end
local asked
sk:on("connection", expect(function()
  asked = true
  sk:dns("localhost", expect(function(self, ip) assert(self == sk and ip == "127.0.0.1") end, 2))
  sk:dns "127.1"
  sk:send "a"
  sk:send(("b"):rep(300000))
  sk:close()
end))
sk:connect(port)

-- while the socket resolves and connects
local resolving = net.createConnection()
for _, name in ipairs {"dns", "connection", "disconnection", "reconnection"} do
  resolving:on(name, expect.never(name))
end
resolving:connect(port, "localhost")
resolving:close()
assert(resolving:getpeer() == nil)
local connecting = net.createConnection()
connecting:on("connection", expect.never "connection")
connecting:on("disconnection", expect.never "disconnection")
connecting:on("dns", expect(function(self) self:close() end))
connecting:connect(port, "127.0.0.1")

expect.finish()
assert(asked)
