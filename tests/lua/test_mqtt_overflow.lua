-- A message that is longer than max_message_length goes to "overflow", in part, and is acknowledged.

local expect = require "expect"
local mqtt_peer = require "mqtt_peer"

local function publish(payload, qos)
  local body = "\0\5topic" .. (qos > 0 and "\1\2" or "") .. payload
  return string.char(0x30 | qos << 1, #body & 127 | 128, #body >> 7) .. body
end

local function run(longest, ...)
  local pieces, acknowledged, peer = {...}, {}, nil
  local function acknowledge(socket, packet)
    acknowledged[#acknowledged + 1] = packet.kind
    if #acknowledged == 2 then
      socket:close()
      peer.close()
    end
  end
  peer = mqtt_peer {
    connect = function(socket)
      socket:send "\x20\2\0\0"
      for _, piece in ipairs(pieces) do socket:send(piece) end
    end,
    puback = expect(acknowledge), pubrec = expect(acknowledge),
  }
  local client = mqtt.Client("a", 60, nil, nil, 1, longest)
  client:connect("127.0.0.1", peer.port)
  return client
end

local long, short = ("x"):rep(1100), ("y"):rep(1000)
local client = run(nil, publish(long, 0), publish(long, 1), publish(long, 2) .. publish(short, 0))
client:on("overflow", expect(function(_, topic, data)
  assert(topic == "topic" and long:sub(1, #data) == data and #data > 1000 and #data < #long)
end, 3))
client:on("message", expect(function(_, topic, data) assert(topic == "topic" and data == short) end))

client = run(5000, publish(long, 1), publish(short, 2))
client:on("overflow", expect.never "overflow")
client:on("message", expect(function(_, _, data) assert(data == long or data == short) end, 2))
expect.finish()
