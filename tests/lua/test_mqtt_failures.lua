-- A connection that fails reports the firmware's reason, and "offline" if there was a TCP connection.

local expect = require "expect"
local mqtt_peer = require "mqtt_peer"

assert(mqtt.CONN_FAIL_SERVER_NOT_FOUND == -5 and mqtt.CONN_FAIL_NOT_A_CONNACK_MSG == -4 and mqtt.CONN_FAIL_DNS == -3)
assert(mqtt.CONN_FAIL_TIMEOUT_RECEIVING == -2 and mqtt.CONN_FAIL_TIMEOUT_SENDING == -1 and mqtt.CONNACK_ACCEPTED == 0)

local function fails(reason, offlines, host, port, after)
  local client = mqtt.Client()
  local failed = false
  client:on("offline", expect(function(self)
    assert(self == client and (failed or reason == nil))
    if after then after() end
  end, offlines))
  client:connect(host, port, false, expect.never "connect", expect(function(self, code)
    failed = true
    assert(code == reason, ("reason %s, expected %s"):format(code, reason))
    if offlines > 0 then
      expect.raises("already connected", self.connect, self, host, port)
    end
  end, reason and 1 or 0))
  return client
end

-- A server that answers every connection with these bytes, and then closes or waits.
local function answering(bytes, closes)
  local server = net.createServer(net.TCP, 300)
  server:listen(0, "127.0.0.1", function(socket)
    socket:on("receive", function(self)
      if bytes ~= "" then self:send(bytes) end
      if closes then self:close() end
    end)
  end)
  return server:getaddr(), function() server:close() end
end

local port, close = answering ""
close()
fails(-5, 0, "127.0.0.1", port)
fails(-3, 0, "unknown.invalid", 1883)
for code = 1, 5 do
  assert(mqtt[({
    "CONNACK_REFUSED_PROTOCOL_VER", "CONNACK_REFUSED_ID_REJECTED", "CONNACK_REFUSED_SERVER_UNAVAILABLE",
    "CONNACK_REFUSED_BAD_USER_OR_PASS", "CONNACK_REFUSED_NOT_AUTHORIZED",
  })[code]] == code)
  local peer
  peer = mqtt_peer {connect = function(socket) socket:send("\x20\2\0" .. string.char(code)) end}
  fails(code, 1, "127.0.0.1", peer.port, peer.close)
end
for _, bytes in ipairs {"HTTP/1.1 400 Bad Request\r\n\r\n", "\xd0\0", "\x30\3\0\1t", "\x20\3\0\0\0"} do
  fails(-4, 1, "127.0.0.1", answering(bytes))
end
-- As on the device, a broker that closes without an answer gives no reason.
fails(nil, 1, "127.0.0.1", answering("", true))

-- Ten seconds pass in a tenth of one.
local function slowly(client)
  client.timer:interval(10)
end
slowly(fails(-2, 1, "127.0.0.1", answering ""))

-- A name that a script corrects in the callback.
local peer = mqtt_peer()
local client = mqtt.Client()
client:connect("unknown.invalid", peer.port, false, expect(function(self) self:close() end), expect(function(self)
  self:connect("localhost", peer.port)
end))
client:on("offline", expect(peer.close))
expect.finish()
