-- connect() to a name that does not exist calls dns(sk, nil), and then "reconnection", or else
-- "disconnection", with -8.

local expect = require "expect"

local server = require "dns_server" {["empty.test"] = "empty", ["failure.test"] = "failure"}
local left = 3
local function try(name, event)
  local sk, told = net.createConnection(), false
  sk:on("dns", expect(function(self, ip, ...)
    assert(self == sk and ip == nil and select("#", ...) == 0)
    told = true
  end))
  sk:on("connection", expect.never "connection")
  sk:on("disconnection", expect.never "disconnection")
  sk:on(event, expect(function(self, code)
    assert(self == sk and code == -8 and told)
    left = left - 1
    if left == 0 then
      server:close()
    end
  end))
  sk:connect(80, name)
end
try("nowhere.test", "disconnection")
try("empty.test", "reconnection")
try("failure.test", "disconnection")

expect.finish()
assert(#server.asked >= 3)
