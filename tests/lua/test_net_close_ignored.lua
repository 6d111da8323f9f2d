-- close() of a socket that is not open (never connected, closed before, in or after its
-- disconnection) only prints a warning for each call site. Under strict it raises the device's "not
-- connected". send() raises an error; on(), getpeer() and hold() do not.

local expect = require "expect"
local subrun = require "subrun"

local script = [[
local sk, server, udp = net.createConnection(), net.createServer(), net.createUDPSocket()
for _ = 1, 3 do
  sk:close()
  server:close()
  udp:close()
end
server:listen(0, "127.0.0.1", function(client) client:close() server:close() end)
sk:on("disconnection", function(self)
  for _ = 1, 2 do
    self:close()
  end
  print(pcall(self.send, self, "x"))
  print(select("#", self:getpeer()), self:getpeer())
  print(select("#", self:getaddr()), self:getaddr())
  print(select("#", self:on("receive", nil)), select("#", self:hold()), select("#", self:unhold()))
end)
sk:connect(server:getaddr())
]]
local status, output, errors = subrun(script)
local place = "netmcu: stdin:%d: close of a socket that is not open: the device raises \"not connected\"\n"
local expected = place:format(3) .. place:format(4) .. place:format(5) .. place:format(10)
assert(status == 0 and errors == expected, errors)
assert(output == "false\tnot connected\n2\tnil\tnil\n2\tnil\tnil\n0\t0\t0\n", output)

status, output, errors = subrun(script, "--no-warnings")
assert(status == 0 and errors == "", errors)

status, output, errors = subrun([[
local sk = net.createConnection()
print(pcall(sk.close, sk))
print(pcall(function() sk:close() end))
print(pcall(net.createServer().close, net.createServer()))
print(pcall(net.createUDPSocket().close, net.createUDPSocket()))
]], "--strict")
assert(status == 0 and errors == "", errors)
local text = "false\tnot connected\n"
assert(output == text .. "false\tstdin:3: not connected\n" .. text .. text, output)

-- with a wrong self
expect.raises("invalid user data", net.createConnection().close)
expect.raises("invalid user data", net.createConnection().close, {})
