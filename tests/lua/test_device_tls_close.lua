-- tls.socket: whatever a script calls while the connection is made or closed, there is one
-- "disconnection", and data without a connection is lost without an error.

local expect = require "expect"
if not pcall(tls.createConnection) then
  return print "skipped: netmcu was built without TLS"
end

local listener = net.createServer()
listener:listen(0, "127.0.0.1", function() end)

local s = tls.createConnection()
s:on("connection", expect.never "connection")
s:on("reconnection", expect.never "reconnection")
s:on("disconnection", expect(function(self)
  self:close()
  self:send "lost"
  listener:close()
end))
s:connect(listener:getaddr(), "127.0.0.1")
s:send "lost"
s:close()
s:close()
s:send "lost"
expect.raises("already connected", s.connect, s, 443, "127.0.0.1")
