-- A session on a bad network: late, cut into single bytes, or reset at any byte. It ends, and what
-- arrives is right.

local expect = require "expect"
local host = require "netmcu.host"
local mqtt_peer = require "mqtt_peer"

host.options {strict = true, warnings = false}
local long = ("x"):rep(300)

-- A broker that sends each message back with the same QoS, in one piece with its acknowledgement.
local peer = mqtt_peer {publish = function(socket, packet)
  local back = string.pack(">s2", packet.topic) .. "\0\1" .. packet.payload
  socket:send(string.pack(">I2I2", packet.qos == 1 and 0x4002 or 0x5002, packet.id) ..
    string.char(0x30 | packet.qos << 1, #back & 127 | 128, #back >> 7) .. back)
end}

-- Runs a session and calls done(outcome): "complete", "broken" or "failed".
local function run(done)
  local client, messages, outcome = mqtt.Client("a", 60), 0, "broken"
  client:lwt("will", "gone", 1, 0)
  client:on("message", function(self, topic, payload)
    messages = messages + 1
    assert(topic == "topic" and payload == long)
    if messages == 2 then
      outcome = "complete"
      self:close()
    end
  end)
  local reason
  client:on("offline", expect(function()
    assert(outcome == "complete" or reason == -5, "a reset has a reason")
    done(outcome)
  end, 0, 1))
  client:connect("127.0.0.1", peer.port, false, function(self)
    self:subscribe("topic", 1, function()
      self:publish("topic", long, 1, 0)
      self:publish("topic", long, 2, 0)
    end)
  end, expect(function(self, code)
    reason = code
    if self.state == "idle" then
      assert(code == -5)
      done "failed"
    end
  end, 0, 1))
end

local function slow(fault, done)
  host.fault(fault)
  run(expect(function(outcome)
    assert(outcome == "complete", outcome)
    host.fault()
    done()
  end))
end

-- The sessions follow one another, each with a reset at a later byte, up to the one that needs none.
local function reset(direction, after, done)
  host.fault {kind = "reset", port = peer.port, direction = direction, after = after}
  run(expect(function(outcome)
    host.fault()
    if outcome == "complete" then
      done(after)
    else
      reset(direction, after + (after < 70 and 1 or 61), done)
    end
  end))
end

slow({kind = "delay", ms = 3}, function()
  slow({kind = "cut", size = 1}, function()
    reset("in", 0, expect(function(most)
      assert(most > 600, most)
      reset("out", 0, expect(function(last)
        assert(last > 600, last)
        peer.close()
      end))
    end))
  end)
end)
expect.finish()
