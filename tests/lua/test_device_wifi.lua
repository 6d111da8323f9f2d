-- wifi: always connected, at the machine's address; its events come once each.

local expect = require "expect"
local tally = {}
local function count(name)
  return function(T)
    tally[#tally + 1] = name
    return T
  end
end

assert(wifi.sta.status() == wifi.STA_GOTIP and wifi.STA_GOTIP == 5 and wifi.getmode() == wifi.STATION)
local ip, netmask, gateway = wifi.sta.getip()
assert(ip:find("^%d+%.%d+%.%d+%.%d+$") and netmask:find("^%d+%.") and gateway:find("^%d+%."))
assert(wifi.sta.getbroadcast():find("^%d+%.%d+%.%d+%.%d+$"))
assert(wifi.sta.getmac():find("^%x%x:%x%x:%x%x:%x%x:%x%x:%x%x$") and wifi.ap.getmac() ~= "" and #wifi.ap.getmac() == 17)
assert(wifi.sta.setmac("DE-AD-BE-EF-7A-C0") and wifi.sta.getmac() == "de:ad:be:ef:7a:c0" and not wifi.sta.setmac("x"))
assert(node.chipid() == 0xef7ac0)

assert(wifi.setmode(wifi.STATIONAP) == wifi.STATIONAP and wifi.getmode() == 3 and not pcall(wifi.setmode, 9))
assert(wifi.setmode("3") == 3 and not pcall(wifi.setmode, "x"))
assert(wifi.sta.gethostname():find("^NODE%-%x+$") and wifi.sta.sethostname("desk-1") and wifi.sta.gethostname() == "desk-1")
assert(not wifi.sta.sethostname("-x") and not wifi.sta.sethostname("a b"))
assert(wifi.sta.getrssi() < 0 and wifi.getchannel() > 0 and wifi.getphymode() == wifi.PHYMODE_N)
assert(wifi.sleeptype(wifi.NONE_SLEEP) == wifi.NONE_SLEEP and wifi.getcountry().country == "CN")
assert(wifi.ap.getip() == ip and next(wifi.ap.getclient()) == nil and wifi.ap.dhcp.start() and wifi.ap.setip {})
assert(wifi.ap.config {ssid = "mine", pwd = "12345678"} and wifi.ap.getconfig() == "mine")
assert(wifi.ap.getconfig(true).auth == wifi.WPA2_PSK and not pcall(wifi.ap.config, "x"))

wifi.sta.getap(expect(function(list)
  local text = select(2, next(list))
  assert(text:find("^%d,%-%d+,%x%x:[%x:]+,%d+$"), text)
end, 1))
wifi.sta.getap({}, 1, expect(function(list)
  local bssid, text = next(list)
  assert(#bssid == 17 and text:find(",%-%d+,%d,%d+$"), text)
end, 1))

-- Registering in any order, connecting at the same time: each event once, the connection first.
local eventmon = wifi.eventmon
eventmon.register(eventmon.STA_GOT_IP, expect(function(T)
  assert(T.IP == ip and T.netmask == netmask and T.gateway == gateway)
  tally[#tally + 1] = "ip"
end, 3))
eventmon.register(eventmon.STA_CONNECTED, expect(function(T)
  assert(T.SSID and T.BSSID and T.channel)
  tally[#tally + 1] = "connected"
end, 3))
assert(wifi.sta.config("home", "secret99") == true)
wifi.sta.connect()
local ssid, pwd, bssid_set, bssid = wifi.sta.getconfig()
assert(ssid == "home" and pwd == "secret99" and bssid_set == 0 and #bssid == 17)
assert(not pcall(wifi.sta.config) and not pcall(wifi.sta.config, {ssid = ("x"):rep(33)}))
assert(not pcall(eventmon.register, 99, print) and not pcall(eventmon.register, 0, 5) and eventmon.reason.AUTH_FAIL == 202)

local function later(fn)
  node.task.post(0, function() node.task.post(0, function() node.task.post(0, expect(fn, 1)) end) end)
end

later(function()
  assert(table.concat(tally, " ") == "connected ip", table.concat(tally, " "))
  wifi.sta.disconnect()
  assert(wifi.sta.status() == wifi.STA_IDLE and wifi.sta.getip() == nil and wifi.sta.getrssi() == nil)
  eventmon.register(eventmon.STA_DISCONNECTED, expect(function(T)
    assert(T.SSID == "home" and T.reason == eventmon.reason.ASSOC_LEAVE)
    tally[#tally + 1] = "gone"
  end, 1))
  later(function()
    wifi.sta.connect()
    later(function()
      assert(table.concat(tally, " ") == "connected ip gone connected ip", table.concat(tally, " "))
      assert(wifi.sta.getip() == ip)
      wifi.sta.config {ssid = "other", auto = false}
      later(function()
        assert(#tally == 5 and wifi.sta.getconfig(true).auto == false)
        wifi.sta.config {ssid = "other", pwd = "x", got_ip_cb = nil}
        later(function()
          assert(#tally == 7)
          eventmon.unregister(eventmon.STA_GOT_IP)
          eventmon.unregister(eventmon.STA_CONNECTED)
          wifi.sta.connect()
        end)
      end)
    end)
  end)
end)

-- the older monitor
local states = {}
wifi.sta.eventMonReg(wifi.STA_GOTIP, expect(function(previous)
  assert(previous == wifi.STA_IDLE)
  wifi.sta.eventMonStop(1)
end, 1))
wifi.sta.eventMonStart(20)
