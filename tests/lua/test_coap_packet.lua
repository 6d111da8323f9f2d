-- The messages of CoAP, byte by byte, and the URIs of requests.

local packet = require "netmcu.device.coap_packet"

local function hex(bytes)
  return (bytes:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local function same(got, expected)
  assert(got == expected, ("%s, expected %s"):format(got, expected))
end

local function text(message)
  local parts = {("%d %d %d %s"):format(message.type, message.code, message.id, hex(message.token))}
  for _, option in ipairs(message.options) do
    parts[#parts + 1] = option.number .. "=" .. hex(option.value)
  end
  parts[#parts + 1] = message.payload
  return table.concat(parts, " ")
end

local function both(message, bytes)
  same(hex(packet.encode(message)), bytes)
  local decoded = packet.decode(packet.encode(message))
  message.token, message.options, message.payload = message.token or "", message.options or {}, message.payload or ""
  same(text(decoded), text(message))
end

both({type = 0, code = 1, id = 258}, "40010102")
both({type = 1, code = 69, id = 65535, token = "tok", payload = "hi"}, "5345ffff" .. hex "tok" .. "ff" .. hex "hi")
both({type = 2, code = 69, id = 1, options = {
  {number = 3, value = ("h"):rep(13)}, {number = 3, value = ""}, {number = 16, value = "a"}, {number = 285, value = "b"},
}}, "60450001" .. "3d00" .. hex(("h"):rep(13)) .. "00" .. "d100" .. hex "a" .. "e10000" .. hex "b")
both({type = 3, code = 2, id = 1, options = {{number = 65535, value = ("v"):rep(300)}}},
  "70020001" .. "eefef2001f" .. hex(("v"):rep(300)))
same(hex(packet.number(0)) .. "," .. hex(packet.number(40)) .. "," .. hex(packet.number(56830)), ",28,ddfe")

-- --- what is no message, or half of one ---

-- An option takes much more memory than its byte, so their number is limited.
assert(#packet.decode("\x40\1\0\7" .. ("\0"):rep(64)).options == 64)
assert(select(2, packet.decode("\x40\1\0\7" .. ("\0"):rep(65))).id == 7)

for _, bytes in ipairs {"", "\x40\1\0", "\x00\1\0\1", "\x80\1\0\1", "\xff\xff\xff\xff"} do
  local message, half = packet.decode(bytes)
  assert(message == nil and half == nil)
end
for _, bytes in ipairs {
  "\x49\1\0\x07123456789", "\x44\1\0\x07123", "\x40\0\0\7x", "\x40\1\0\7\xff", "\x40\1\0\7\xf0", "\x40\1\0\7\x0f", "\x40\1\0\7\xd0",
  "\x40\1\0\7\xe0\0", "\x40\1\0\7\x0d", "\x40\1\0\7\x0e\0", "\x40\1\0\7\5abcd", "\x40\1\0\7\xe0\xff\xff",
} do
  local message, half = packet.decode(bytes)
  assert(message == nil and half.id == 7 and half.type == 0, hex(bytes))
end

-- --- URIs ---

local function uri(address)
  local host, port, options = packet.parse_uri(address)
  return host and host .. " " .. port .. text {type = 0, code = 0, id = 0, token = "", options = options, payload = ""}:sub(6)
end

same(uri "coap://1.2.3.4", "1.2.3.4 5683  3=" .. hex "1.2.3.4" .. " ")
same(uri "CoAP://Host:5683/", "Host 5683  3=" .. hex "host" .. " ")
same(uri "coap://h:256/a/../b%20c//?x=1&y#z", "h 256  3=68 7=0100 11=61 11=" .. hex "b c" .. " 15=" .. hex "x=1" .. " 15=79 ")
same(uri "coap://h?q", "h 5683  3=68 15=71 ")
for _, address in ipairs {"", "/path", "http://h/", "coaps://h/", "coap:///x", "coap://h:0/", "coap://h:65536/", "coap://h/%g0", "coap://h/%"} do
  same(uri(address), nil)
end
