-- close() says goodbye after everything that was sent, and leads to "offline"; until then the client
-- cannot be used again. On a client that is not connected it does nothing.

local expect = require "expect"
local mqtt_peer = require "mqtt_peer"

local payload = ("x"):rep(100000)
local peer
peer = mqtt_peer {
  publish = expect(function(_, packet) assert(packet.payload == payload) end, 2),
  disconnect = expect(function() end, 2),
}

local client = mqtt.Client("a", 60)
assert(client:close() == false)

local times = 0
local function on_connect(self)
  times = times + 1
  -- The first message fills the queue. It goes out completely; the others are forgotten.
  assert(self:publish("t", payload, 0, 0, expect.never "callback after close") == true)
  assert(self:publish("t", "next", 0, 0) == false, "the queue is full")
  assert(self:close() == true and self:close() == false)
  expect.raises("not connected", self.publish, self, "t", "x", 0, 0)
  expect.raises("already connected", self.connect, self, "127.0.0.1", peer.port)
end
client:on("offline", expect(function(self)
  assert(self:close() == false)
  if times == 1 then
    assert(self:connect("127.0.0.1", peer.port))
  else
    peer.close()
  end
end, 2))
client:connect("127.0.0.1", peer.port, false, expect(on_connect, 2), expect.never "failure")
assert(client:close() == false, "close right after connect does nothing")
expect.finish()
assert(table.concat(peer.seen, " ") == "connect publish0 disconnect connect publish0 disconnect")

-- A message that arrives after close() is not delivered, and a second connect() replaces the first.
local second
second = mqtt_peer {disconnect = expect(function() second.close() end)}
client = mqtt.Client("a", 60)
client:on("message", expect.never "message")
client:on("connect", expect(function(self) self:close() end))
client:on("offline", expect(function() end))
client:connect("127.0.0.1", 1)
client:connect("127.0.0.1", second.port)
expect.finish()
