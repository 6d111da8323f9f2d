-- close() of a server leaves accepted connections alone, and the port can be listened on again at
-- once. fn(sk) of listen() comes before the "connection" handler of sk that fn has set.

local expect = require "expect"

local server = net.createServer()
local port
local order = {}
local function first(client)
  order[#order + 1] = "accept"
  server:close()
  server:listen(port, "127.0.0.1", expect(function(second)
    server:close()
    second:close()
  end))
  client:on("connection", expect(function(self)
    assert(self == client)
    order[#order + 1] = "connection"
    self:send "hello"
  end))
  client:on("receive", expect(function(self, data)
    assert(data == "thanks" and table.concat(order, " ") == "accept connection")
    local other = net.createConnection()
    other:on("disconnection", expect(function() self:close() end))
    other:connect(port, "127.0.0.1")
  end))
end
server:listen(0, "127.0.0.1", expect(first))
port = server:getaddr()

local sk = net.createConnection()
sk:on("receive", expect(function(self, data)
  assert(data == "hello")
  self:send "thanks"
end))
sk:on("disconnection", expect(function(_, code) assert(code == 0) end))
sk:connect(port, "127.0.0.1")
expect.finish()

-- a server that closes does not accept the clients in its backlog
local closing = net.createServer()
closing:listen(0, "127.0.0.1", expect(function(client)
  closing:close()
  client:close()
end))
for _ = 1, 5 do
  local caller = net.createConnection()
  caller:on("disconnection", expect(function() end))
  caller:connect(closing:getaddr(), "127.0.0.1")
end
expect.finish()
