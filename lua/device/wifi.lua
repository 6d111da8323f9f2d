-- wifi: a station that is always connected, to the network of this machine. Settings are kept and given back;
-- addresses are those of the machine, so that what a script announces is where it can be reached.

local host = require "netmcu.host"
local machine = require "netmcu.device.wifi_address"
local events = require "netmcu.device.wifi_event"

local wifi = {
  NULLMODE = 0, STATION = 1, SOFTAP = 2, STATIONAP = 3,
  PHYMODE_B = 1, PHYMODE_G = 2, PHYMODE_N = 3,
  NONE_SLEEP = 0, LIGHT_SLEEP = 1, MODEM_SLEEP = 2,
  OPEN = 0, WPA_PSK = 2, WPA2_PSK = 3, WPA_WPA2_PSK = 4,
  STA_IDLE = 0, STA_CONNECTING = 1, STA_WRONGPWD = 2, STA_APNOTFOUND = 3, STA_FAIL = 4, STA_GOTIP = 5,
  COUNTRY_AUTO = 0, COUNTRY_MANUAL = 1,
}
wifi.sta, wifi.ap, wifi.eventmon = {}, {dhcp = {}}, events.api

local BSSID, CHANNEL, RSSI = "5c:cf:7f:00:00:fe", 6, -50
local address, mac, set_mac = machine.address, machine.mac, machine.set_mac

-- --- the station ---

local sta = wifi.sta
local eventmon = wifi.eventmon
local station = {ssid = "netmcu", pwd = "", bssid_set = 0, bssid = BSSID, auto = true}
local connected = true
local hostname

local function connection()
  return {SSID = station.ssid, BSSID = BSSID, channel = CHANNEL}
end

local function addresses()
  local ip, netmask, gateway = address()
  return {IP = ip, netmask = netmask, gateway = gateway}
end

local function disconnection()
  return {SSID = station.ssid, BSSID = BSSID, reason = eventmon.reason.ASSOC_LEAVE}
end

local function come_up()
  connected = true
  events.withdraw(eventmon.STA_DISCONNECTED)
  events.raise(eventmon.STA_CONNECTED, connection, true)
  events.raise(eventmon.STA_GOT_IP, addresses, true)
end

local function go_down()
  if connected then
    connected = false
    events.withdraw(eventmon.STA_CONNECTED)
    events.withdraw(eventmon.STA_GOT_IP)
    events.raise(eventmon.STA_DISCONNECTED, disconnection)
  end
end

come_up()

local function with_event(event, fn)
  if type(fn) == "function" then
    eventmon.register(event, fn)
  end
end

function sta.connect(fn)
  with_event(eventmon.STA_CONNECTED, fn)
  come_up()
end

function sta.disconnect(fn)
  with_event(eventmon.STA_DISCONNECTED, fn)
  go_down()
end

local function check_ssid(ssid)
  if type(ssid) ~= "string" and type(ssid) ~= "number" then
    error("bad argument #1 to 'config' (config table not found!)", 3)
  elseif #tostring(ssid) > 32 then
    error("bad argument #1 to 'config' (ssid: length must be 0-32)", 3)
  end
end

-- A table, or the older ssid, password [, auto [, bssid]]. With auto, the default, it connects.
function sta.config(config, password, auto, bssid)
  if type(config) ~= "table" then
    config = {ssid = config, pwd = password, auto = auto ~= 0 and auto ~= false, bssid = bssid}
  end
  check_ssid(config.ssid)
  station = {
    ssid = tostring(config.ssid), pwd = tostring(config.pwd or ""), bssid_set = config.bssid and 1 or 0,
    bssid = config.bssid or BSSID, auto = config.auto ~= false,
  }
  for name, event in pairs {
    connected_cb = "STA_CONNECTED", disconnected_cb = "STA_DISCONNECTED", authmode_change_cb = "STA_AUTHMODE_CHANGE",
    got_ip_cb = "STA_GOT_IP", dhcp_timeout_cb = "STA_DHCP_TIMEOUT",
  } do
    with_event(eventmon[event], config[name])
  end
  if station.auto then
    come_up()
  end
  return true
end

function sta.getconfig(as_table)
  if as_table then
    return {
      ssid = station.ssid, pwd = station.pwd, bssid_set = station.bssid_set == 1, bssid = station.bssid,
      auto = station.auto,
    }
  end
  return station.ssid, station.pwd, station.bssid_set, station.bssid
end

function sta.getdefaultconfig(as_table)
  return sta.getconfig(as_table)
end

function sta.autoconnect(on)
  station.auto = on ~= 0
end

function sta.status()
  return connected and wifi.STA_GOTIP or wifi.STA_IDLE
end

function sta.getip()
  if connected then
    return address()
  end
end

-- The machine keeps its address.
function sta.setip(config)
  if type(config) ~= "table" then
    error("bad argument #1 to 'setip' (table expected, got " .. type(config) .. ")", 2)
  end
  local ip = address()
  if config.ip and config.ip ~= ip then
    local text = string.format("wifi.sta.setip to %s: the address of this machine stays %s", config.ip, ip)
    host.warn("wifi.sta.setip", text, 2)
  end
  return true
end

function sta.getbroadcast()
  if not connected then
    return nil
  end
  local ip, netmask = address()
  local quad = "(%d+)%.(%d+)%.(%d+)%.(%d+)"
  local a, m = {string.match(ip, quad)}, {string.match(netmask, quad)}
  for i = 1, 4 do
    a[i] = tonumber(a[i]) | ~tonumber(m[i]) & 255
  end
  return table.concat(a, ".")
end

function sta.getmac()
  return mac("sta")
end

function sta.setmac(text)
  return set_mac("sta", text)
end

function sta.gethostname()
  hostname = hostname or "NODE-" .. string.upper(string.sub(string.gsub(mac("sta"), ":", ""), 7))
  return hostname
end

function sta.sethostname(name)
  if type(name) ~= "string" or #name > 32 or not string.find(name, "^%w[%w-]*$") or string.find(name, "-$") then
    return false
  end
  hostname = name
  return true
end

function sta.getrssi()
  return connected and RSSI or nil
end

-- One network is in reach: the one that is configured. The formats are those of the device's two tables.
function sta.getap(config, format, fn)
  for _, argument in pairs {config, format, fn} do
    if type(argument) == "function" then
      fn = argument
    end
  end
  if type(fn) ~= "function" then
    error("bad argument #1 to 'getap' (function expected)", 2)
  end
  local by_bssid = format == 1 or config == 1
  host.post(function()
    if by_bssid then
      fn {[BSSID] = string.format("%s,%d,%d,%d", station.ssid, RSSI, wifi.WPA2_PSK, CHANNEL)}
    else
      fn {[station.ssid] = string.format("%d,%d,%s,%d", wifi.WPA2_PSK, RSSI, BSSID, CHANNEL)}
    end
  end)
end

function sta.getapinfo()
  return {qty = 1, {ssid = station.ssid, pwd = station.pwd, bssid = BSSID}}
end

function sta.getapindex()
  return 1
end

function sta.changeap(index)
  return index == 1
end

function sta.setaplimit(count)
  return count >= 1 and count <= 5
end

function sta.clearconfig()
  station.ssid, station.pwd = "", ""
  return true
end

function sta.sleeptype(kind)
  return kind or wifi.MODEM_SLEEP
end

-- The older events: fn(previous state) when the monitor meets a state.
local monitored, monitor = {}, nil

function sta.eventMonReg(state, fn)
  monitored[state] = type(fn) == "function" and fn or nil
end

local function watch(last)
  local state = sta.status()
  if state ~= last and monitored[state] then
    monitored[state](last)
  end
  return state
end

function sta.eventMonStart(interval)
  sta.eventMonStop()
  local last = wifi.STA_IDLE
  monitor = require "tmr".create()
  monitor:alarm(math.max(1, tonumber(interval) or 150), 1, function() last = watch(last) end)
end

function sta.eventMonStop(unregister_all)
  if monitor then
    monitor:unregister()
    monitor = nil
  end
  if unregister_all then
    monitored = {}
  end
end

-- --- the access point: nobody joins it, but it has settings ---

local ap = wifi.ap
local ap_config = {
  ssid = nil, pwd = nil, auth = wifi.OPEN, channel = CHANNEL, hidden = false, max = 4, beacon = 100,
}

function ap.config(config)
  if type(config) ~= "table" then
    error("bad argument #1 to 'config' (config table not found!)", 2)
  end
  check_ssid(config.ssid)
  for key, value in pairs(config) do
    ap_config[key] = value
  end
  if config.auth == nil then
    ap_config.auth = config.pwd and wifi.WPA2_PSK or wifi.OPEN
  end
  with_event(eventmon.AP_STACONNECTED, config.staconnected_cb)
  with_event(eventmon.AP_STADISCONNECTED, config.stadisconnected_cb)
  with_event(eventmon.AP_PROBEREQRECVED, config.probereq_cb)
  return true
end

local function ap_ssid()
  return ap_config.ssid or "NODE_" .. string.upper(string.sub(string.gsub(mac("ap"), ":", ""), 7))
end

function ap.getconfig(as_table)
  if not as_table then
    return ap_ssid(), ap_config.pwd
  end
  local copy = {ssid = ap_ssid()}
  for key, value in pairs(ap_config) do
    copy[key] = value
  end
  return copy
end

function ap.getdefaultconfig(as_table)
  return ap.getconfig(as_table)
end

-- Where clients on this machine's network reach the script.
function ap.getip()
  return address()
end

function ap.setip(config)
  if type(config) ~= "table" then
    error("bad argument #1 to 'setip' (table expected, got " .. type(config) .. ")", 2)
  end
  return true
end

ap.getbroadcast = sta.getbroadcast

function ap.getmac()
  return mac("ap")
end

function ap.setmac(text)
  return set_mac("ap", text)
end

function ap.getclient()
  return {}
end

function ap.deauth()
  return true
end

function ap.dhcp.config(config)
  local first = type(config) == "table" and config.start or "192.168.4.2"
  local lead, last = string.match(first, "^(.*%.)(%d+)$")
  return first, lead and lead .. math.min(254, last + 3) or first
end

function ap.dhcp.start()
  return true
end

function ap.dhcp.stop()
  return true
end

-- --- the radio ---

local mode, phy, suspended = wifi.STATION, wifi.PHYMODE_N, false

function wifi.setmode(new)
  new = tonumber(new)
  if new ~= wifi.NULLMODE and new ~= wifi.STATION and new ~= wifi.SOFTAP and new ~= wifi.STATIONAP then
    error("bad argument #1 to 'setmode' (Invalid mode)", 2)
  end
  if new ~= mode then
    local change = {old_mode = mode, new_mode = new}
    mode = new
    events.raise(eventmon.WIFI_MODE_CHANGED, function() return change end)
  end
  return mode
end

function wifi.getmode()
  return mode
end

wifi.getdefaultmode = wifi.getmode

function wifi.setphymode(new)
  phy = new or phy
  return phy
end

function wifi.getphymode()
  return phy
end

function wifi.getchannel()
  return CHANNEL
end

local country = {country = "CN", start_ch = 1, end_ch = 13, policy = wifi.COUNTRY_AUTO}

function wifi.getcountry()
  return {country = country.country, start_ch = country.start_ch, end_ch = country.end_ch, policy = country.policy}
end

function wifi.setcountry(new)
  for key, value in pairs(new or {}) do
    country[key] = value
  end
  return true
end

function wifi.setmaxtxpower() end

local function call_back(options, name)
  if type(options) == "table" and type(options[name]) == "function" then
    host.post(function() options[name]() end)
  end
end

-- Suspending is told and remembered; the network of the machine stays.
function wifi.suspend(options)
  if options == nil then
    return suspended and 2 or 0
  end
  suspended = true
  call_back(options, "suspend_cb")
end

function wifi.resume(fn)
  suspended = false
  call_back({fn = fn}, "fn")
end

wifi.sleeptype = sta.sleeptype

function wifi.nullmodesleep(enable)
  return enable ~= false
end

function wifi.stopsmart() end

-- Nobody sends a network's name and password through the air here: the one in use is told at once.
function wifi.startsmart(kind, fn)
  fn = type(kind) == "function" and kind or fn
  if type(fn) == "function" then
    host.post(function() fn(station.ssid, station.pwd) end)
  end
end

return {api = wifi}
