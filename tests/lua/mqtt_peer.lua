-- A broker for tests. It reads the packets of clients and gives the usual answer, unless the test
-- decides:
--
--   local peer = require "mqtt_peer" {publish = function(client, packet) ... end}
--
-- A port, instead of a free one, and the seconds that a connection may be silent can follow. A packet
-- has kind, qos, dup, retain, body, and id, topic and payload where it has them. `client` is a socket
-- of net. peer.port is the port, peer.seen a list of the kinds that came, with their QoS.

local kinds = {
  "connect", "connack", "publish", "puback", "pubrec", "pubrel", "pubcomp", "subscribe", "suback", "unsubscribe",
  "unsuback", "pingreq", "pingresp", "disconnect",
}

local answers = {
  connect = function() return "\x20\2\0\0" end,
  subscribe = function(packet) return string.pack(">I2I2B", 0x9003, packet.id, 0) end,
  unsubscribe = function(packet) return string.pack(">I2I2", 0xb002, packet.id) end,
  publish = function(packet)
    return packet.qos > 0 and string.pack(">I2I2", packet.qos == 1 and 0x4002 or 0x5002, packet.id) or nil
  end,
  pubrec = function(packet) return string.pack(">I2I2", 0x6202, packet.id) end,
  pubrel = function(packet) return string.pack(">I2I2", 0x7002, packet.id) end,
  pingreq = function() return "\xd0\0" end,
}

local function decode(first, body)
  local packet = {kind = kinds[first >> 4], qos = first >> 1 & 3, dup = first & 8 > 0, retain = first & 1 > 0, body = body}
  if packet.kind == "publish" then
    local at
    packet.topic, at = string.unpack(">s2", body)
    if packet.qos > 0 then
      packet.id, at = string.unpack(">I2", body, at)
    end
    packet.payload = body:sub(at)
  elseif #body >= 2 then
    packet.id = string.unpack(">I2", body)
  end
  return packet
end

-- Returns the first packet and the bytes behind it, or nil if it is incomplete.
local function split(bytes)
  local size, at = 0, 2
  repeat
    local byte = bytes:byte(at)
    if not byte then
      return nil
    end
    size, at = size | (byte & 127) << 7 * (at - 2), at + 1
  until byte < 128
  if #bytes >= at + size - 1 then
    return decode(bytes:byte(), bytes:sub(at, at + size - 1)), bytes:sub(at + size)
  end
end

return function(handlers, port, idle_seconds)
  local peer, server = {seen = {}}, net.createServer(net.TCP, idle_seconds or 300)
  server:listen(port or 0, "127.0.0.1", function(client)
    local bytes = ""
    client:on("receive", function(self, data)
      bytes = bytes .. data
      local packet, rest = split(bytes)
      while packet and self:getpeer() do
        bytes = rest
        peer.seen[#peer.seen + 1] = packet.kind .. (packet.kind == "publish" and packet.qos or "")
        if handlers and handlers[packet.kind] then
          handlers[packet.kind](self, packet)
        else
          local answer = answers[packet.kind] and answers[packet.kind](packet)
          if answer then
            self:send(answer)
          end
        end
        packet, rest = split(bytes)
      end
    end)
  end)
  peer.port = server:getaddr()
  function peer.close()
    server:close()
  end
  return peer
end
