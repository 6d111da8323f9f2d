-- The codec of mdns reads what it writes and compressed names, and refuses what is no message.

local message = require "netmcu.device.mdns_message"
local types, name = message.types, message.name

-- names
assert(name("fish", "local") == "\4fish\5local\0" and name() == "\0" and name("a.b") == "\3a.b\0")
assert(name("") == nil and name("a", "") == nil and name(("x"):rep(64)) == nil and #name(("x"):rep(63)) == 65)
local long = ("x"):rep(60)
assert(name(long, long, long, long, ("x"):rep(9)) and not name(long, long, long, long, ("x"):rep(10)))
assert(message.key(name("Fish", "LOCAL")) == name("fish", "local"))

-- a query
local query = message.decode(message.query {
  {name = name("Fish", "local"), type = types.A}, {name = name("x"), type = types.ANY, wants_unicast = true},
})
assert(query.is_query and query.id == 0 and #query.questions == 2 and #query.records == 0)
assert(query.questions[1].name == name("Fish", "local") and query.questions[1].type == types.A)
assert(query.questions[1].is_internet and not query.questions[1].wants_unicast and query.questions[2].wants_unicast)

-- a response
local fish, service = name("fish", "local"), name("_http", "_tcp", "local")
local instance = name("Top Fish.1", "_http", "_tcp", "local")
local response = message.decode(message.response({
  {name = service, type = types.PTR, ttl = 300, data = instance},
  {name = instance, type = types.SRV, ttl = 1, is_unique = true, data = message.service(8080, fish)},
}, {
  {name = instance, type = types.TXT, ttl = 0xffffffff, data = message.text {"a=b", ("x"):rep(255)}},
  {name = fish, type = types.A, ttl = 0, data = message.address "192.0.2.255"},
  {name = fish, type = types.NSEC, ttl = 0, data = message.only(fish, {types.A, types.SRV})},
}, 7, query.questions))
assert(not response.is_query and response.id == 7 and #response.questions == 2 and #response.records == 5)
local pointer, server, text, address, only = table.unpack(response.records)
assert(pointer.name == service and pointer.target == instance and pointer.ttl == 300 and not pointer.is_unique)
assert(server.target == fish and server.data:sub(1, 6) == "\0\0\0\0\x1f\x90" and server.is_unique and server.ttl == 1)
assert(text.data == "\3a=b\255" .. ("x"):rep(255) and text.ttl == 0xffffffff and message.text {} == "\0")
assert(address.data == "\192\0\2\255" and only.data == fish .. "\0\5\64\0\0\0\64")
assert(message.only(fish, {types.TXT}) == fish .. "\0\3\0\0\128")

-- compressed names
local function decode_names(names, count)
  return message.decode(string.pack(">I2I2I2I2I2I2", 1, 0, count or 1, 0, 0, 0) .. names)
end
local kinds = "\0\1\0\1"
local two = decode_names("\4fish\5local\0" .. kinds .. "\3top\xc0\x0c" .. kinds, 2)
assert(two.questions[1].name == fish and two.questions[2].name == name("top", "fish", "local"))
for _, wrong in ipairs {
  "", "\4fis", "\4fish", "\64" .. ("x"):rep(64) .. "\0" .. kinds, "\xc0", "\xc0\x0c" .. kinds, "\xff\xff" .. kinds,
  "\1a\xc0\x0c" .. kinds, "\xc0\x0e\xc0\x0c" .. kinds, "\0\0\1\0", "\0\0",
} do
  assert(decode_names(wrong) == nil, wrong)
end
assert(message.decode("") == nil and message.decode(("\0"):rep(11)) == nil and message.decode(("\0"):rep(12)).is_query)
assert(message.decode(("\0"):rep(9001)) == nil and message.decode(("\0"):rep(9000)))
assert(decode_names("", 65535) == nil)

-- The longest name, without and with a pointer to its second half.
local half = ("\59" .. ("x"):rep(59)):rep(2)
local longest = half .. half .. "\13" .. ("x"):rep(13) .. "\0"
assert(#longest == 255 and decode_names(longest .. kinds).questions[1].name == longest)
two = decode_names(longest .. kinds .. half .. "\xc0\x84" .. kinds, 2)
assert(two.questions[2].name == longest)
assert(decode_names(longest .. kinds .. "\1x" .. half .. "\xc0\x84" .. kinds, 2) == nil)

-- Pointers that point at pointers lead nowhere.
local chain = {"\0" .. kinds}
for i = 0, 2000 do
  chain[#chain + 1] = string.pack(">I2", 0xc000 | (i == 0 and 12 or 17 + 2 * (i - 1)))
end
assert(decode_names(table.concat(chain), 700) == nil)

-- records that are cut off, and counts that are too high
local whole = message.response({{name = fish, type = types.PTR, ttl = 1, data = service}}, {})
for size = 0, #whole - 1 do
  assert(message.decode(whole:sub(1, size)) == nil)
end
assert(message.decode(whole).records[1].target == service)
local short = message.response({{name = fish, type = types.SRV, ttl = 1, data = "\0\0"}}, {})
assert(message.decode(short).records[1].target == nil)
