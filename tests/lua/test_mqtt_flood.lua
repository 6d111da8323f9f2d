-- A broker that sends on and on without reading acknowledgements does not fill the memory: the client
-- leaves it.

local expect = require "expect"
local mqtt_peer = require "mqtt_peer"

local peer
peer = mqtt_peer {connect = expect(function(socket)
  socket:send("\x20\2\0\0" .. ("\x32\5\0\1t\0\1"):rep(70000))
end)}
local messages, before = 0, collectgarbage "count"
local client = mqtt.Client("flooded", 60)
-- From then on, the socket sends nothing, as if the broker read nothing.
client:on("connect", expect(function(self)
  local socket = self.connection.socket
  self.connection.socket = {send = function() end, close = function() socket:close() end}
end))
client:on("message", function() messages = messages + 1 end)
client:on("connfail", expect(function(_, reason) assert(reason == -5) end))
client:on("offline", expect(function()
  assert(messages > 65000 and messages < 66000, messages)
  assert(collectgarbage "count" - before < 10000)
  peer.close()
end))
client:connect("127.0.0.1", peer.port)
expect.finish()
