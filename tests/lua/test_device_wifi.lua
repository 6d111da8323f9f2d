-- wifi: settings, their checks, and a station that takes a moment to connect. test_boot_wifi.sh is about boots.

local expect = require "expect"
require "netmcu.host".wifi_delay = 200 -- enough for a machine that pauses
local refuses = expect.refuses

-- A script that is named starts connected.
assert(wifi.sta.status() == wifi.STA_GOTIP and wifi.STA_GOTIP == 5 and wifi.getmode() == wifi.STATION)
local ip, netmask, gateway = wifi.sta.getip()
assert(ip:find("^%d+%.%d+%.%d+%.%d+$") and netmask:find("^%d+%.") and gateway:find("^%d+%."))
assert(wifi.sta.getbroadcast():find("^%d+%.%d+%.%d+%.%d+$"))
assert(wifi.sta.getmac():find("^%x%x:%x%x:%x%x:%x%x:%x%x:%x%x$") and wifi.ap.getmac() ~= "" and #wifi.ap.getmac() == 17)
assert(wifi.sta.setmac("DE-AD-BE-EF-7A-C0") and wifi.sta.getmac() == "de:ad:be:ef:7a:c0")
assert(wifi.sta.setmac("xx:xx:xx:xx:xx:xx") == false)
refuses("MAC:FF:FF:FF:FF:FF:FF", wifi.sta.setmac, "x")
assert(node.chipid() == 0xef7ac0)
assert(wifi.ap.getip() == nil and wifi.ap.getbroadcast() == nil)
refuses("Can't list clients in STATION mode", wifi.ap.getclient)

-- the radio
assert(wifi.setmode(wifi.STATIONAP) == wifi.STATIONAP and wifi.getmode() == 3 and wifi.setmode("3", false) == 3)
refuses("bad argument #1 to 'setmode' (Invalid mode)", wifi.setmode, 9)
refuses("number expected, got string", wifi.setmode, "x")
refuses("boolean expected, got number", wifi.setmode, 1, 1)
assert(wifi.getchannel() > 0 and wifi.getphymode() == wifi.PHYMODE_N and wifi.setphymode(wifi.PHYMODE_G) == wifi.PHYMODE_G)
refuses("wrong arg type", wifi.setphymode, 4)
assert(wifi.sleeptype(wifi.NONE_SLEEP) == wifi.NONE_SLEEP and wifi.sta.sleeptype() == wifi.NONE_SLEEP)
refuses("range:0-2", wifi.sleeptype, 3)
refuses("tx power out of range", wifi.setmaxtxpower, 83)
assert(wifi.getcountry().country == "CN" and wifi.setcountry {country = "de", end_ch = 11})
local country = wifi.getcountry()
assert(country.country == "DE" and country.start_ch == 1 and country.end_ch == 11 and country.policy == wifi.COUNTRY_AUTO)
refuses("Table not found!", wifi.setcountry)
refuses("country code must be 2 chars", wifi.setcountry, {country = "x"})
refuses("end_ch: can't be less than start_ch", wifi.setcountry, {start_ch = 5, end_ch = 4})
assert(wifi.nullmodesleep() == true and wifi.nullmodesleep(false) == false and wifi.nullmodesleep() == false)
refuses("WIFi not suspended", wifi.resume)
refuses("must be table", wifi.suspend, 5)
assert(wifi.suspend() == 0)
wifi.suspend {suspend_cb = expect(function() end), resume_cb = expect(function() end)}
assert(wifi.suspend() == 2)
wifi.resume()
assert(wifi.suspend() == 0)
refuses("Smart link only in STATION mode", wifi.startsmart, print)

-- the station's settings
assert(wifi.sta.gethostname():find("^NODE%-%x+$") and wifi.sta.sethostname("desk-1") and wifi.sta.gethostname() == "desk-1")
refuses("Invalid hostname", wifi.sta.sethostname, "-x")
refuses("Invalid hostname", wifi.sta.sethostname, "a b")
assert(wifi.sta.getrssi() < 0 and wifi.sta.changeap(1) and wifi.sta.setaplimit(5))
refuses("Valid range: 1-5", wifi.sta.changeap, 6)
refuses("Valid range: 1-5", wifi.sta.setaplimit, 0)
refuses("0 or 1", wifi.sta.autoconnect, 2)
refuses("wrong arg type", wifi.sta.setip, "x")
for text, wrong in pairs {
  ["ssid required"] = {}, ["ssid:not string"] = {ssid = {}}, ["ssid: length:0-32"] = {ssid = ("x"):rep(33)},
  ["pwd:not string"] = {ssid = "x", pwd = true}, ["pwd: length:0-64"] = {ssid = "x", pwd = ("x"):rep(65)},
  ["bssid: FF:FF:FF:FF:FF:FF"] = {ssid = "x", bssid = "x"}, ["auto:not boolean"] = {ssid = "x", auto = 1},
  ["save:not boolean"] = {ssid = "x", save = 1}, ["got_ip_cb:not function"] = {ssid = "x", got_ip_cb = 1},
} do
  refuses(("bad argument #1 to 'config' (%s)"):format(text), wifi.sta.config, wrong)
end
refuses("config table not found!", wifi.sta.config)
refuses("bad argument #2 to 'config' (string expected, got no value)", wifi.sta.config, "x")
refuses("wrong arg type", wifi.sta.config, "x", "12345678", 2)
local _, place = pcall(function() wifi.sta.config {} end)
assert(place:find("^[^:]*test_device_wifi.lua:%d+: "), place)
assert(wifi.sta.status() == wifi.STA_GOTIP) -- a configuration that is refused changes nothing

-- the access point
assert(wifi.ap.getip() == ip and next(wifi.ap.getclient()) == nil and wifi.ap.dhcp.start() and wifi.ap.setip {})
assert(wifi.ap.getconfig(true).auth == wifi.OPEN and select(2, wifi.ap.getconfig()) == nil)
assert(wifi.ap.config {ssid = "mine", pwd = "12345678", max = 2} and wifi.ap.getconfig() == "mine")
local ap = wifi.ap.getconfig(true)
assert(ap.auth == wifi.WPA_WPA2_PSK and ap.pwd == "12345678" and ap.channel == 6 and ap.max == 2 and ap.hidden == false)
local first, last = wifi.ap.dhcp.config {start = "10.0.0.7"}
assert(first == "10.0.0.7" and last == "10.0.0.8")
refuses("wrong arg type", wifi.ap.dhcp.config, {start = "x"})
for text, wrong in pairs {
  ["ssid: required"] = {}, ["ssid: length:1-32"] = {ssid = ""}, ["pwd: length:0 or 8-64"] = {ssid = "x", pwd = "1234567"},
  ["auth: Range:0-4"] = {ssid = "x", auth = 5}, ["channel: Range:1-13"] = {ssid = "x", channel = 14},
  ["hidden: not boolean"] = {ssid = "x", hidden = "x"}, ["hidden: 0 or 1"] = {ssid = "x", hidden = 2},
  ["max: 1-4"] = {ssid = "x", max = 5}, ["max: not number"] = {ssid = "x", max = "x"},
  ["beacon: 100-60000"] = {ssid = "x", beacon = 99}, ["save: not boolean"] = {ssid = "x", save = 1},
} do
  refuses(("bad argument #1 to 'config' (%s)"):format(text), wifi.ap.config, wrong)
end
refuses("table expected, got string", wifi.ap.config, "x")
assert(wifi.ap.getconfig() == "mine")

-- scans
for text, wrong in pairs {
  ["ssid:<32"] = {ssid = ("x"):rep(33)}, ["wrong arg type"] = {channel = {}}, ["channel: 0 or 1-13"] = {channel = 14},
  ["show_hidden: 0 or 1"] = {show_hidden = 2}, ["MAC:FF:FF:FF:FF:FF:FF"] = {bssid = "x"},
} do
  refuses(text, wifi.sta.getap, wrong, print)
end
refuses("wrong arg type", wifi.sta.getap, "x", print)
refuses("wrong arg type", wifi.sta.getap, 2, print)
wifi.sta.getap(expect(function(list)
  local text = select(2, next(list))
  assert(text:find("^%d,%-%d+,%x%x:[%x:]+,%d+$"), text)
end, 1))
wifi.sta.getap({}, 1, expect(function(list)
  local bssid, text = next(list)
  assert(#bssid == 17 and text:find(",%-%d+,%d,%d+$"), text)
  for _, other in ipairs {{ssid = "else"}, {bssid = "00:11:22:33:44:55"}, {channel = 5}} do
    wifi.sta.getap(other, expect(function(found) assert(next(found) == nil) end))
  end
  wifi.sta.getap({ssid = wifi.sta.getconfig(), bssid = bssid:upper(), channel = 0}, expect(function(found)
    assert(next(found))
  end))
end, 1))
wifi.sta.getap()

-- Events: each once, the connection first, in whatever order they are registered. There is no address in STA_CONNECTED.
local eventmon = wifi.eventmon
local journal = {}
local function note(text)
  journal[#journal + 1] = text
end
local function expect_journal(text)
  assert(table.concat(journal, " ") == text, table.concat(journal, " "))
  journal = {}
end

local on_ip
eventmon.register(eventmon.STA_GOT_IP, expect(function(T)
  assert(T.IP == ip and T.netmask == netmask and T.gateway == gateway)
  assert(wifi.sta.getip() == ip and wifi.sta.status() == wifi.STA_GOTIP)
  note "ip"
  on_ip()
end, 4))
eventmon.register(eventmon.STA_CONNECTED, expect(function(T)
  assert(T.SSID == wifi.sta.getconfig() and T.BSSID and T.channel == wifi.getchannel())
  assert(wifi.sta.getip() == nil and wifi.sta.status() == wifi.STA_CONNECTING)
  note "connected"
end, 4))
eventmon.register(eventmon.STA_DISCONNECTED, expect(function(T)
  assert(T.reason == eventmon.reason.ASSOC_LEAVE and #T.BSSID == 17)
  note("left:" .. T.SSID)
end, 3))
eventmon.register(eventmon.WIFI_MODE_CHANGED, function(T) note(T.old_mode .. ">" .. T.new_mode) end)
refuses("valid wifi events:0-9", eventmon.register, 99, print)
eventmon.register(eventmon.EVENT_MAX, print)
eventmon.register(eventmon.AP_STACONNECTED, 5) -- as on the device: unregisters
assert(eventmon.reason.AUTH_FAIL == 202)

local function expect_connecting()
  assert(wifi.sta.status() == wifi.STA_CONNECTING and wifi.sta.getip() == nil and wifi.sta.getbroadcast() == nil)
end

local function finish()
  expect_journal("3>1 left:other 1>2 2>0 0>3 connected ip")
  eventmon.register(eventmon.STA_GOT_IP, expect.never "an address after the disconnection")
  eventmon.register(eventmon.STA_CONNECTED, expect(function() wifi.sta.disconnect() end))
  eventmon.register(eventmon.STA_DISCONNECTED, expect(function()
    eventmon.unregister(eventmon.STA_CONNECTED)
    wifi.sta.connect()
    wifi.sta.clearconfig() -- before it is connected: there is no event
    wifi.sta.connect() -- to no network
    assert(wifi.sta.status() == wifi.STA_IDLE and wifi.sta.getconfig() == "")
  end))
  wifi.sta.connect()
end

-- Each of these runs when the connection that the one before has begun is there.
local steps = {
  function()
    expect_journal("1>3 left:netmcu connected ip")
    wifi.sta.connect() -- leaves nothing: it is the same network
    expect_connecting()
  end,
  function()
    expect_journal("connected ip")
    wifi.sta.disconnect()
    wifi.sta.disconnect()
    assert(wifi.sta.status() == wifi.STA_IDLE and wifi.sta.getip() == nil and wifi.sta.getrssi() == nil)
    wifi.sta.config {ssid = "other", auto = false, bssid = "AA-BB-CC-DD-EE-FF"}
    assert(wifi.sta.status() == wifi.STA_IDLE)
    local config = wifi.sta.getconfig(true)
    assert(config.ssid == "other" and config.pwd == nil and config.bssid_set and config.bssid == "aa:bb:cc:dd:ee:ff")
    wifi.sta.connect()
    wifi.sta.connect()
    expect_connecting()
  end,
  function()
    expect_journal("left:home connected ip") -- once, for two calls of connect
    wifi.sta.autoconnect(1)
    assert(wifi.setmode(wifi.STATION) == wifi.STATION and wifi.sta.getip() == ip)
    node.task.post(function()
      wifi.setmode(wifi.SOFTAP)
      assert(wifi.sta.status() == wifi.STA_IDLE and wifi.sta.getip() == nil and wifi.ap.getip() == ip)
      refuses("Can't list ap in SOFTAP mode", wifi.sta.getap, print)
      wifi.sta.connect()
      assert(wifi.sta.status() == wifi.STA_IDLE)
      tmr.create():alarm(20, tmr.ALARM_SINGLE, function()
        wifi.setmode(wifi.NULLMODE)
        assert(wifi.sta.getip() == nil and wifi.ap.getip() == nil)
        wifi.sta.getap(expect.never "a scan without a station")
        tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
          wifi.setmode(wifi.STATIONAP)
          expect_connecting()
        end)
      end)
    end)
  end,
  finish,
}
local step = 0
function on_ip()
  step = step + 1
  node.task.post(function() node.task.post(steps[step]) end)
end

assert(wifi.sta.config("home", "secret99") == true)
expect_connecting()
wifi.sta.connect()
local ssid, pwd, bssid_set, bssid = wifi.sta.getconfig()
assert(ssid == "home" and pwd == "secret99" and bssid_set == 0 and #bssid == 17)
