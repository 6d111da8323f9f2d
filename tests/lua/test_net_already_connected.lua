-- While a socket resolves, connects or is open, a second connect() raises an error, and the first
-- connect goes on.

local expect = require "expect"

local server = net.createServer()
server:listen(0, "127.0.0.1", function(client) client:on("disconnection", function() server:close() end) end)
local port = server:getaddr()

local sk = net.createConnection()
sk:connect(port, "localhost")
expect.raises("already connected", sk.connect, sk, port)
expect.raises("already connected", sk.connect, sk, 0)
sk:on("dns", expect(function(self) expect.raises("already connected", self.connect, self, port, "localhost") end))
sk:on("connection", expect(function(self)
  expect.raises("already connected", self.connect, self, port)
  self:close()
end))

expect.finish()
