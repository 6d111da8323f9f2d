-- wifi.sta.getap also finds the networks that a test puts in range.

local netmcu = require "netmcu"
local expect = require "expect"

netmcu.wifi.networks {
  {ssid = "cafe", rssi = -81, channel = 11, auth = wifi.OPEN},
  {ssid = "attic", bssid = "02:00:00:00:0A:0B"},
}
wifi.sta.getap(expect(function(list)
  assert(list.cafe == "0,-81,02:00:00:00:01:01,11" and list.attic == "3,-50,02:00:00:00:0a:0b,6")
  assert(list[wifi.sta.getconfig()])
end))
wifi.sta.getap({channel = 11}, 1, expect(function(list)
  assert(list["02:00:00:00:01:01"] == "cafe,-81,0,11" and next(list, next(list)) == nil)
end))
for _, config in ipairs {{ssid = "attic"}, {bssid = "02:00:00:00:0A:0B"}} do
  wifi.sta.getap(config, expect(function(list)
    assert(list.attic and next(list, next(list)) == nil)
  end))
end
expect.finish()

local function refuses(network, message)
  local done, problem = pcall(netmcu.wifi.networks, {network})
  assert(not done and problem:find(message, 1, true), problem)
end
refuses({rssi = -50}, "a list of tables with a name of up to 32 bytes expected")
refuses({ssid = "loud", rssi = "loud"}, "networks: rssi: an integer expected")
refuses({ssid = "loud", bssid = "02:00"}, "networks: bssid: a text such as")
netmcu.wifi.networks {}
wifi.sta.getap({ssid = "attic"}, expect(function(list) assert(next(list) == nil) end))
expect.finish()
