-- createServer() without a time-out closes silent clients after 30 seconds.

if not require "simulated" () then return end

local expect = require "expect"

local server, silent, since = net.createServer(), net.createConnection(), nil
server:listen(0, "127.0.0.1", expect(function(client)
  since = tmr.now()
  client:on("disconnection", expect(function(_, code)
    local seconds = (tmr.now() - since) / 1e6
    assert(code == -8 and seconds >= 30 and seconds < 30.01, seconds)
    server:close()
  end))
end))
silent:connect(server:getaddr(), "127.0.0.1")
expect.finish()
