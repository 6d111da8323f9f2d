-- mqtt takes its arguments in the forms of all firmware versions, and checks them with the firmware's messages.

local expect = require "expect"
local mqtt_peer = require "mqtt_peer"

-- --- Client: what the broker is told ---

local function options_of(...)
  local client, got = mqtt.Client(...), nil
  local peer
  peer = mqtt_peer {connect = expect(function(socket, packet)
    local flags, keepalive, id, at = string.unpack(">BI2s2", packet.body, 8)
    got = ("%s %d %02x"):format(id, keepalive, flags)
    while at <= #packet.body do
      local text
      text, at = string.unpack(">s2", packet.body, at)
      got = got .. " " .. text
    end
    socket:close()
    peer.close()
  end)}
  client:lwt("w", "will", 1, 1)
  client:on("offline", expect(function() end))
  client:connect("127.0.0.1", peer.port)
  return function(expected)
    assert(got == expected, ("%s, expected %s"):format(got, expected))
  end
end

local default = ("NodeMCU_%x"):format(node.chipid())
local checks = {
  [options_of()] = default .. " 60 2e w will",
  [options_of(nil, 0)] = default .. " 60 2e w will",
  [options_of("a", 65536 + 7, "user", "pass", 0)] = "a 7 ec w will user pass",
  [options_of("a", 10, nil, nil, 0)] = "a 10 2c w will",
  [options_of("a", 10, "", "", 1, 100)] = "a 10 2e w will",
  [options_of("a", "user", "pass", false)] = "a 60 ec w will user pass",
  [options_of(12, 10, "user")] = "12 10 ae w will user",
}
expect.finish()
for check, expected in pairs(checks) do
  check(expected)
end

-- --- connect: where the callbacks are ---

-- A nil is written as `none`, so that the list has a length.
local none = {}

local function connects(port, wanted, ...)
  local client, list = mqtt.Client(), table.pack(...)
  for i = 1, list.n do
    if list[i] == none then
      list[i] = nil
    elseif list[i] == "ok" or list[i] == "fail" then
      local name = list[i]
      list[i] = expect(function(self, reason)
        assert(self == client and reason == (wanted == "fail" and -5 or nil))
        self:close()
      end, name == wanted and 1 or 0)
    end
  end
  assert(client:connect("127.0.0.1", port, table.unpack(list, 1, list.n)) == true)
end

local peer = mqtt_peer()
local port, closed = peer.port, nil
do
  local server = net.createServer(net.TCP, 30)
  server:listen(0, "127.0.0.1", function() end)
  closed = server:getaddr()
  server:close()
end
for _, wanted in ipairs {"ok", "fail"} do
  local to = wanted == "ok" and port or closed
  connects(to, wanted, "ok", "fail")
  connects(to, wanted, false, "ok", "fail")
  connects(to, wanted, 0, "ok", "fail")
  connects(to, wanted, 0, 0, "ok", "fail")
  connects(to, wanted, 0, 1, "ok", "fail")
  connects(to, wanted, none, "ok", "fail")
  connects(to, wanted, none, none, "ok", "fail")
end
connects(port, "ok", none, "ok")
connects(port, "ok", false, 0, "ok")
connects(closed, "fail", 0, none, "fail")
connects(closed, "fail", 0, 0, none, "fail")

-- --- checks ---

local client = mqtt.Client("a", 10)
expect.raises("not connected", client.publish, client, "t", "x", 0, 0)
expect.raises("not connected", client.subscribe, client, "t", 0)
expect.raises("not connected", client.unsubscribe, client, "t")
expect.raises("method not supported", client.on, client, "connected", print)
expect.raises("bad argument #2 to 'on' (function expected, got no value)", client.on, client, "connect")
expect.raises("bad argument #2 to 'lwt' (string expected, got no value)", client.lwt, client, "t")
expect.raises("bad argument #3 to 'lwt' (QoS is 0, 1 or 2)", client.lwt, client, "t", "x", 3)
expect.raises("bad argument #2 to 'lwt' (too long)", client.lwt, client, "t", ("x"):rep(65536))
expect.raises("bad argument #1 to 'Client' (too long)", mqtt.Client, ("x"):rep(65536))
expect.raises("bad argument #1 to 'close' (mqtt.socket expected, got table)", client.close, {})
expect.raises("specify port", client.connect, client, "127.0.0.1", 0)
expect.nothing(client:on("message", print))
expect.nothing(client:lwt("t", "x"))
for _, event in ipairs {"connect", "connfail", "offline", "message", "overflow", "puback", "suback", "unsuback"} do
  client:on(event, function() end)
end

client:connect("127.0.0.1", peer.port, false, expect(function(self)
  expect.raises("already connected", self.connect, self, "127.0.0.1", peer.port)
  expect.raises("bad argument #2 to 'publish' (string expected, got no value)", self.publish, self, "t")
  expect.raises("bad argument #3 to 'publish' (number expected, got no value)", self.publish, self, "t", "x")
  expect.raises("bad argument #4 to 'publish' (number expected, got no value)", self.publish, self, "t", "x", 0)
  expect.raises("bad argument #3 to 'publish' (QoS is 0, 1 or 2)", self.publish, self, "t", "x", 3, 0)
  expect.raises("no topics found", self.subscribe, self, {})
  expect.raises("bad argument #1 to 'unsubscribe' (string expected, got no value)", self.unsubscribe, self)
  assert(self:publish("", "x", 0, 0) == false and self:subscribe("", 0) == false and self:unsubscribe "" == false)
  self:close()
  peer.close()
end))
expect.finish()
