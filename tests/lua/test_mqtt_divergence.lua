-- A packet that the device cannot send is a divergence. What the client sends by itself never is.

local expect = require "expect"
local host = require "netmcu.host"
local mqtt_peer = require "mqtt_peer"
local subrun = require "subrun"

local script = [[
local server = net.createServer(net.TCP, 30)
server:listen(0, "127.0.0.1", function(sk)
  sk:on("receive", function(self, data)
    if string.byte(data) == 16 then
      self:send(string.char(32, 2, 0, 0))
    end
  end)
end)
local client = mqtt.Client("a", 60)
client:on("offline", function() print "offline" server:close() end)
client:connect("127.0.0.1", (server:getaddr()), 0, function(self)
  for i = 1, 2 do
    self:publish("t", string.rep("x", 5000), 0, 0, self.close)
  end
end)
]]
local text = "stdin:13: a packet of 5006 bytes: the device sends at most 1460\n"
local status, output, errors = subrun(script)
assert(status == 0 and output == "offline\n" and errors == "netmcu: " .. text, errors)
status, _, errors = subrun(script, "--timeout 60 --strict")
assert(status == 1 and errors:find(text, 1, true), errors)

-- The broker breaks the rules right after a message, so the connection ends while an acknowledgement
-- is on its way.
host.options {strict = true}
local peer
peer = mqtt_peer {connect = function(socket) socket:send "\x20\2\0\0\x32\5\0\1t\0\1\xff" end}
local client = mqtt.Client("a", 60)
client:on("message", expect(function() end))
client:on("connfail", expect(function(_, reason) assert(reason == -5) end))
client:on("offline", expect(peer.close))
client:connect("127.0.0.1", peer.port)
expect.finish()
