-- Messages of each QoS go out and come in completely and once; each kind of event has one callback.

local expect = require "expect"
local mqtt_peer = require "mqtt_peer"

local sent, released = {}, {}

local function publish(topic, payload, qos, id)
  local body = string.pack(">s2", topic) .. (id and string.pack(">I2", id) or "") .. payload
  return string.char(0x30 | qos << 1, #body) .. body
end

local peer
peer = mqtt_peer {
  publish = function(socket, packet)
    sent[#sent + 1] = ("%s=%s %d%s"):format(packet.topic, packet.payload, packet.qos, packet.retain and " retain" or "")
    if packet.qos == 1 then
      socket:send(string.pack(">I2I2", 0x4002, packet.id + 1) .. string.pack(">I2I2", 0x4002, packet.id))
    elseif packet.qos == 2 then
      -- An acknowledgement of another kind means nothing.
      socket:send(string.pack(">I2I2I2I2", 0x4002, packet.id, 0x7002, packet.id) .. string.pack(">I2I2", 0x5002, packet.id))
    end
  end,
  unsubscribe = function(socket, packet)
    socket:send(publish("zero", "", 0) .. publish("one", "1", 1, 11) .. publish("two", "2", 2, 22) .. publish("two", "2", 2, 22))
    socket:send(string.pack(">I2I2", 0x6202, 22) .. publish("two", "again", 2, 22) .. string.pack(">I2I2", 0xb002, packet.id))
  end,
  pubcomp = function(_, packet) released[#released + 1] = packet.id end,
  disconnect = expect(function() peer.close() end),
}

local acknowledged, received = 0, {}
local client = mqtt.Client("a", 60)
client:on("message", expect(function(_, ...)
  received[#received + 1] = select("#", ...) == 1 and ... or table.concat({...}, "=")
end, 4))
client:on("offline", expect(function() end))

client:on("connect", expect(function(self)
  assert(self == client)
  assert(self:subscribe({["a/#"] = 1, b = 2}, expect.never "replaced") == true)
  assert(self:subscribe("c", 0, expect(function(me) assert(me == client) end, 2)) == true)
  assert(self:publish("t", "zero", 0, 0, expect.never "replaced") == true)
  self:publish("t", "one", 1, 1)
  self:publish("t", "two", 2, 0)
  self:publish("t", "", "0", "0", expect(function(me)
    acknowledged = acknowledged + 1
    if acknowledged == 4 then
      assert(me:unsubscribe({c = "anything", b = 0}, expect(me.close)) == true)
    end
  end, 4))
end))
client:connect("127.0.0.1", peer.port)
expect.finish()

local function same(list, expected)
  assert(table.concat(list, ", ") == expected, table.concat(list, ", "))
end
same(sent, "t=zero 0, t=one 1 retain, t=two 2, t= 0")
same(received, "zero, one=1, two=2, two=again")
same(released, "22")
-- The order: one at a time, but the acknowledgements to the broker need not wait.
same(peer.seen, "connect, subscribe, subscribe, publish0, publish1, publish2, pubrel, publish0, unsubscribe, puback, " ..
  "pubrec, pubrec, pubcomp, pubrec, disconnect")
