-- A client sends a ping when it has been silent for its keepalive time, leaves a broker that does not
-- answer one, and gives a message up that is not acknowledged. Its seconds pass quickly here.

local expect = require "expect"
local mqtt_peer = require "mqtt_peer"

local function connect(handlers, keepalive, on_connect)
  local peer = mqtt_peer(handlers)
  local client = mqtt.Client("a", keepalive)
  client:on("connect", expect(function(self)
    self.timer:interval(10)
    if on_connect then on_connect(self) end
  end))
  client:on("offline", expect(peer.close))
  client:connect("127.0.0.1", peer.port)
  return client, peer
end

-- --- pings that are answered ---

local pings, client = 0, nil
client = connect({pingreq = expect(function(socket)
  pings = pings + 1
  socket:send "\xd0\0"
  if pings == 3 then client:close() end
end, 3, 4)}, 2)
client:on("connfail", expect.never "failure")

-- --- and one that is not ---

local silent, reasons = connect({pingreq = expect(function() end)}, 3), {}
silent:on("connfail", expect(function(_, reason) reasons[#reasons + 1] = reason end))

-- --- a message without acknowledgement ---

connect({publish = function(socket, packet)
  if packet.payload == "second" then socket:send(string.pack(">I2I2", 0x4002, packet.id)) end
end}, 100, function(self)
  self:publish("t", "first", 1, 0)
  self:publish("t", "second", 1, 0, expect(self.close))
end)
expect.finish()
assert(#reasons == 1 and reasons[1] == -5)
