-- After the peer's FIN, disconnection(sk, 0) follows all data. The socket is closed then, and may
-- connect again, to an address or to a name, even inside that handler.

local expect = require "expect"

local text = ("0123456789"):rep(20000)
local served = 0
local server = net.createServer()
server:listen(0, "127.0.0.1", function(client)
  served = served + 1
  client:send(text)
  client:close()
  if served == 3 then
    server:close()
  end
end)
local port = server:getaddr()

local sk = net.createConnection()
local parts, round = {}, 0
local hosts = {"127.0.0.1", "localhost"}
sk:on("receive", function(_, data) parts[#parts + 1] = data end)
sk:on("connection", expect(function() end, 3))
sk:on("reconnection", expect.never "reconnection")
sk:on("disconnection", expect(function(self, code)
  assert(code == 0 and table.concat(parts) == text)
  assert(select("#", self:getpeer()) == 2 and self:getpeer() == nil)
  parts, round = {}, round + 1
  if hosts[round] then
    self:connect(port, hosts[round])
  end
end, 3))
sk:connect(port)

expect.finish()
