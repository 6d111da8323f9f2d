-- The packets of MQTT 3.1.1, byte by byte, and what the reader makes of the bytes of a broker.

local packet = require "netmcu.device.mqtt_packet"

local function hex(bytes)
  return bytes and (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function same(got, expected)
  assert(got == expected, ("%s, expected %s"):format(got, expected))
end

same(hex(packet.connect {id = "a", keepalive = 300}), "100d00044d5154540400012c000161")
same(hex(packet.connect {
  id = "", keepalive = 1, clean = true, user = "u", password = "pw", will = {topic = "w", message = "", qos = 2, retain = 1},
}), "101800044d51545404f600010000" .. "00017700000001750002" .. hex "pw")
same(hex(packet.connect {id = "a", keepalive = 1, user = "u"}), "101000044d5154540480000100016100" .. "0175")
same(hex(packet.publish("t", "hi", 0, 0)), "3005000174" .. hex "hi")
same(hex(packet.publish("t", "", 2, 1, 258)), "35050001740102")
same(hex(packet.again(packet.publish("t", "", 1, 0, 1))), "3a050001740001")
same(packet.publish("", "x", 0, 0), nil)
same(packet.publish(("t"):rep(65536), "x", 0, 0), nil)
same(hex(packet.subscribe(7, {{name = "a", qos = 0}, {name = "b/#", qos = 2}})), "820c00070001610000" .. "03622f2302")
same(hex(packet.unsubscribe(65535, {{name = "a"}})), "a205ffff000161")
same(packet.subscribe(7, {{name = "", qos = 0}}), nil)
same(hex(packet.acknowledge("puback", 1) .. packet.acknowledge("pubrel", 2)), "40020001" .. "62020002")
for size, header in pairs {[127] = "307f", [128] = "308001", [16383] = "30ff7f", [16384] = "30808001"} do
  same(hex(packet.publish("t", ("x"):rep(size - 3), 0, 0):sub(1, #header // 2)), header)
end

-- Reads the bytes in pieces of this size; returns what came as text.
local function read(bytes, longest, size)
  local reader, list = packet.reader(longest or 100), {}
  for at = 1, #bytes, size or #bytes do
    reader:add(bytes:sub(at, at + (size or #bytes) - 1))
    local result = reader:next()
    while result do
      list[#list + 1] = table.concat({
        result.kind, result.code or result.id or "-", result.topic, result.payload, result.overflow and "overflow",
      }, " ")
      result = reader:next()
    end
    if result == false then
      assert(reader:next() == false, "a broken reader stays broken")
      list[#list + 1] = "broken"
      break
    end
  end
  return table.concat(list, ", ")
end

local connack = "\x20\2\0\0"

local function reads(bytes, expected, longest)
  for _, size in ipairs {1, 2, 3, 7, 1000000} do
    same(read(connack .. bytes, longest, size), ("connack 0, " .. expected):gsub(", $", ""))
  end
end

reads("", "")
reads("\x30\5\0\1txy", "publish - t xy")
reads("\x34\5\0\1t\1\2", "publish 258 t ")
reads("\x40\2\0\1\x50\2\0\2\x62\2\0\3\x70\2\0\4\xb0\2\0\5\x90\4\0\6\0\x80\xd0\0",
  "puback 1, pubrec 2, pubrel 3, pubcomp 4, unsuback 5, suback 6, pingresp -")
-- 20 bytes are too long for a limit of 10.
reads("\x30\18\0\1t" .. ("x"):rep(15) .. "\xd0\0", "publish - t xxxxx overflow, pingresp -", 10)
reads("\x32\18\0\1t\0\9" .. ("x"):rep(13) .. "\xd0\0", "publish 9 t x overflow, pingresp -", 8)
reads("\x30\12\0\10long-topic\xd0\0", "publish - long-topic  overflow, pingresp -", 3)
reads("\x30\13\0\10long-topicx\xd0\0", "publish - long-topic x overflow, pingresp -", 3)

-- Not MQTT: no connack first, or one more; reserved bits; QoS 3; the number 0; sizes that are wrong.
for _, bytes in ipairs {
  "\x20\2\0\0", "\x36\5\0\1txy", "\x41\2\0\1", "\x60\2\0\1", "\x40\2\0\0", "\x40\3\0\1x", "\x90\2\0\1", "\xd0\1x",
  "\x30\1x", "\x30\3\0\0x", "\x30\4\0\3tx", "\x32\4\0\1tx", "\x32\5\0\1t\0\0", "\x30\xff\xff\xff\xff\1", "\x90\x80\x80\x04",
  "\x10\0", "\xc0\0", "\xe0\0", "\0\0", "\xf0\0",
} do
  reads(bytes, "broken")
end
for _, bytes in ipairs {"\x20\2\2\0", "\x20\3\0\0\0", "\xd0\0", "HTTP/1.1 400", "SSH-2.0"} do
  same(read(bytes, 100, 1), "broken")
end

-- A long message that comes while another packet waits to be read.
local reader = packet.reader(8)
reader:add(connack .. "\xd0\0\x30\20\0\1t")
reader:add(("x"):rep(9))
assert(reader:next().kind == "connack" and reader:next().kind == "pingresp")
reader:add(("x"):rep(8) .. "\xd0\0")
assert(reader:next().payload == "xxx" and reader:next().kind == "pingresp" and reader:next() == nil)
