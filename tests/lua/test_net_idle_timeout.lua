-- createServer(timeout) closes a client that neither sends nor receives a byte for that long: its
-- script gets -8, and the peer an orderly end. A client that is not silent stays.

if not require "simulated" () then return end

local expect = require "expect"

local server = net.createServer(1)
local silent_port, ended = nil, 0
server:listen(0, "127.0.0.1", expect(function(client)
  local since = tmr.now()
  local last = since
  client:on("receive", function(self, data)
    last = tmr.now()
    self:send(data)
  end)
  client:on("disconnection", expect.never "disconnection")
  client:on("reconnection", expect(function(self, code)
    local silent = (tmr.now() - last) / 1e6
    assert(code == -8 and silent >= 1 and silent < 1.01, silent)
    assert(self:getpeer() == nil)
    assert((tmr.now() - since) / 1e6 > (last == since and 0.9 or 1.7))
    ended = ended + 1
    if ended == 2 then
      server:close()
    end
  end))
end, 2))
local port = server:getaddr()

local silent = net.createConnection()
silent:on("disconnection", expect(function(_, code) assert(code == 0) end))
silent:connect(port, "127.0.0.1")

local busy, beats = net.createConnection(), 0
busy:on("disconnection", expect(function(_, code) assert(code == 0 and beats == 4) end))
busy:connect(port, "127.0.0.1", function()
  tmr.create():alarm(200, tmr.ALARM_AUTO, function(timer)
    beats = beats + 1
    busy:send "beat"
    if beats == 4 then
      timer:unregister()
    end
  end)
end)

expect.finish()
