-- wifi.monitor: the beacons of the one network of a desktop, on its channel, and what is in them.

local expect = require "expect"

expect.raises("Missing callback", wifi.monitor.start)
expect.raises("Missing callback", wifi.monitor.start, 13, 0x80)
expect.raises("Must supply offset and value", wifi.monitor.start, 13, print)
expect.raises("Channel number (16) is out of range", wifi.monitor.channel, 16)

wifi.sta.config {ssid = "home", pwd = "password"}
local seen = 0

local function look(packet)
  seen = seen + 1
  if seen > 1 then
    return wifi.monitor.stop()
  end
  assert(packet.ie_ssid == "home" and packet[0] == "home" and packet:ie_table()[3] == "\6" and packet[200] == nil)
  assert(packet.rssi == -50 and packet.channel == 6 and packet.type == 0 and packet.subtype == 8 and packet.rate == 11)
  assert(packet.bssid_hex == "02:00:00:00:00:01" and packet.bssid == "\2\0\0\0\0\1" and packet.srcmac == ("\xff"):rep(6))
  assert(packet.beacon_interval == 100 and packet.capability == 0x0431 and packet.number == 0x10)
  assert(#packet.header == 12 and #packet.timestamp == 8 and packet.reason == nil and packet.nonsense == nil)
  assert(#packet.radio == 12 and #packet.frame == 112 and packet.frame_hex:sub(1, 5) == "80:00")
  assert(packet:frame_byte(1) == 0x80 and packet:radio_byte(1) == 206)
  expect.nothing(packet:frame_byte(0))
  expect.nothing(packet:radio_byte(13))
  assert(packet:frame_sub(1, 2) == "\x80\0" and packet:radio_sub(-2) == "\6\0" and packet:frame_sub(113) == "")
  assert(packet:frame_subhex(1, 3) == "800000" and packet:frame_subhex(1, 3, " ") == "80 00 00" and packet:radio_subhex(13) == "")
  expect.raises("bad argument #2 to 'frame_byte' (number expected, got no value)", packet.frame_byte, packet)
  expect.raises("bad argument #1 to 'frame_sub' (wifi.packet expected, got string)", packet.frame_sub, "x", 1)
end

wifi.monitor.start(13, 0x81, expect.never "a frame that the filter excludes")
wifi.monitor.channel(6)
wifi.monitor.start(expect(look, 2))
assert(wifi.monitor.channel(6) == 1 and wifi.monitor.channel() == 6) -- start has set it back
assert(wifi.sta.getip() == nil)

-- All documented names exist: each element has the byte of its number, and each other field is in at
-- least one kind of frame.
local fields = require "netmcu.device.wifi_monitor_fields"
local source = assert(os.getenv "NETMCU_SOURCE", "run me by ctest, or set NETMCU_SOURCE to the checkout")

local function frame(subtype, size)
  local elements = {}
  for id = 0, 255 do
    elements[#elements + 1] = string.pack("BBB", id, 1, id)
  end
  return ("\0"):rep(12) .. string.char(subtype << 4) .. ("\0"):rep(23 + size) .. table.concat(elements)
end

local beacon, seen = frame(8, 12), {}
local others = {frame(0, 4), frame(1, 6), frame(2, 10), frame(11, 6), frame(12, 2)}

local function is_somewhere(name)
  local found = fields.value(beacon, name) ~= nil
  for _, packet in ipairs(others) do
    found = found or fields.value(packet, name) ~= nil
  end
  return found
end

for name in io.open(source .. "/tests/documented/wifi_packet.txt"):read "a":gmatch "%S+" do
  assert(is_somewhere(name), name)
  if name:find "^ie_" then
    local value = fields.value(beacon, name)
    assert(#value == 1 and not seen[value], name)
    seen[value] = name
  end
end
assert(seen["\0"] == "ie_ssid" and seen["\x30"] == "ie_rsn" and seen["\xff"] == "ie_he_capabilities")
assert(fields.value(beacon, "ie_nonsense") == nil and fields.value(beacon, "ie_%") == nil)
