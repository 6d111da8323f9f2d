-- Scripts since the first firmware call sk:connect(port, ip) inside the function of sk:dns(name,
-- function(sk, ip)). This connect() does not call the "dns" handler with the same address, which
-- would connect again. It does for any other address.

local expect = require "expect"

local server = net.createServer()
local open = 3
server:listen(0, "127.0.0.1", function(client)
  client:on("disconnection", function()
    open = open - 1
    if open == 0 then
      server:close()
    end
  end)
end)
local port = server:getaddr()

local function connected(self)
  self:close()
end

-- a connect in the handler, and a later one
local direct = net.createConnection(net.TCP, 0)
direct:on("connection", expect(connected))
direct:dns("localhost", expect(function(self, ip) self:connect(port, ip) end))

local later = net.createConnection(net.TCP, 0)
later:on("connection", expect(connected))
later:dns("localhost", expect(function(self, ip)
  tmr.create():alarm(1, tmr.ALARM_SINGLE, function() self:connect(port, ip) end)
end))

-- another address
local other, told = net.createConnection(net.TCP, 0), {}
other:on("connection", expect(connected))
other:dns("192.0.2.1", expect(function(self, ip)
  told[#told + 1] = ip
  if #told == 1 then
    self:connect(port, "localhost")
  else
    assert(table.concat(told, " ") == "192.0.2.1 127.0.0.1")
  end
end, 2))

expect.finish()
