-- disconnection(sk, code) and reconnection(sk, code): code 0 always goes to "disconnection".
-- Another code goes to "reconnection" if that is set, else to "disconnection". A refused connect
-- has -9. The socket is idle afterwards.

local expect = require "expect"

local port = 1 -- without a listener

local function refused(setup)
  local sk = net.createConnection()
  sk:on("connection", expect.never "connection")
  setup(sk, expect(function(self, code)
    assert(self == sk and code == -9 and math.type(code) == "integer")
    assert(tostring(sk) == "net.socket (closed)")
    expect.raises("not connected", sk.send, sk, "x")
  end))
  sk:connect(port, "127.0.0.1")
end

refused(function(sk, fn) sk:on("disconnection", fn) end)
refused(function(sk, fn) sk:on("reconnection", fn) sk:on("disconnection", expect.never "disconnection") end)
refused(function(sk, fn) sk:on("reconnection", expect.never()) sk:on("reconnection", nil) sk:on("disconnection", fn) end)
net.createConnection():connect(port, "127.0.0.1") -- without a handler

-- the peer's orderly end does not go to "reconnection"
local ending = net.createServer()
ending:listen(0, "127.0.0.1", function(client) client:close() ending:close() end)
local sk = net.createConnection()
sk:on("reconnection", expect.never "reconnection")
sk:on("disconnection", expect(function(_, code) assert(code == 0) end))
sk:connect(ending:getaddr())

expect.finish()
