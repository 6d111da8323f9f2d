-- After a connection has broken, the messages that were not acknowledged go out again, and a message
-- of QoS 2 that the broker repeats comes to the script once.

local expect = require "expect"
local mqtt_peer = require "mqtt_peer"

-- --- the script connects again ---

local connections, sent = 0, {}
local two = "\x34\6\0\1t\0\7"

local peer
peer = mqtt_peer {
  connect = expect(function(socket)
    connections = connections + 1
    socket:send("\x20\2" .. (connections > 1 and "\1\0" or "\0\0") .. two .. (connections < 3 and "2" or "3"))
  end, 3),
  publish = function(socket, packet)
    sent[#sent + 1] = packet.payload .. (packet.dup and " again" or "")
    if connections == 1 then
      socket:close()
    elseif packet.payload == "one" then
      socket:send(string.pack(">I2I2", 0x4002, packet.id))
    elseif packet.payload == "two" then
      socket:send(string.pack(">I2I2", 0x5002, packet.id))
    end
  end,
  pubrel = function(socket, packet)
    sent[#sent + 1] = "pubrel"
    if connections == 2 then
      socket:send("\x62\2\0\7")
      socket:close()
    else
      socket:send(string.pack(">I2I2", 0x7002, packet.id))
    end
  end,
}

local client = mqtt.Client("a", 60, nil, nil, 0)
local received = {}
client:on("message", expect(function(_, _, data) received[#received + 1] = data end, 2))
client:on("offline", expect(function(self)
  if connections < 3 then
    self:connect("127.0.0.1", peer.port)
  else
    peer.close()
  end
end, 3))
client:on("connect", expect(function(self)
  if connections == 1 then
    self:publish("t", "one", 1, 0)
    self:publish("t", "two", 2, 0)
    self:publish("t", "last", 0, 0)
  end
end, 3))
local acknowledged = 0
client:on("puback", expect(function(self)
  acknowledged = acknowledged + 1
  if acknowledged == 3 then self:close() end
end, 3))
client:connect("127.0.0.1", peer.port)
expect.finish()
assert(table.concat(sent, ", ") == "one, one again, two, pubrel, pubrel, last", table.concat(sent, ", "))
assert(table.concat(received) == "23", table.concat(received))

-- --- autoreconnect of older firmware ---

local count, second = 0, nil
second = mqtt_peer {connect = expect(function(socket)
  count = count + 1
  if count ~= 2 then
    socket:send "\x20\2\0\0"
  end
  if count < 3 then
    socket:close()
  end
end, 3)}
client = mqtt.Client("a", 60)
client:on("offline", expect(function(self)
  if count < 3 then
    self.timer:interval(10)
  else
    second.close()
  end
end, 3))
client:connect("127.0.0.1", second.port, 0, 1, expect(function(self)
  if count == 3 then
    self:close()
  end
end, 2), expect.never "failure")
expect.finish()

-- The first attempt is not repeated, and close() ends the repetition.
local third
third = mqtt_peer {connect = expect(function(socket) socket:close() end)}
client = mqtt.Client("a", 60)
client:on("offline", expect(third.close))
client:connect("127.0.0.1", third.port, 0, 1)
local fourth
fourth = mqtt_peer {connect = expect(function(socket)
  socket:send "\x20\2\0\0"
  socket:close()
end)}
client = mqtt.Client("a", 60)
client:on("offline", expect(function(self)
  assert(self:close() == false)
  fourth.close()
end))
client:connect("127.0.0.1", fourth.port, 0, 1)
expect.finish()
