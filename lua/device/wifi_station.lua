-- wifi.sta: a station in the network of this machine. Settings are stored and returned. The
-- addresses are those of the machine, so that a script announces an address where it can be
-- reached.
--
--   STA_IDLE ──connect──▶ STA_CONNECTING ──delay──▶ event STA_CONNECTED ──▶ STA_GOTIP, event STA_GOT_IP
--
-- A boot begins to connect at once, as a device does to the network that it has stored. A script
-- that is given by name starts as if it had been typed at the prompt of a connected device.

local argument = require "netmcu.device.argument"
local check_fields = require "netmcu.device.wifi_field"
local events = require "netmcu.device.wifi_event"
local flash = require "netmcu.device.wifi_flash"
local host = require "netmcu.host"
local machine = require "netmcu.device.wifi_address"

local DELAY = 100 -- ms
local NULLMODE, STATION, SOFTAP, STATIONAP = 0, 1, 2, 3
local IDLE, CONNECTING, GOTIP = 0, 1, 5
local CHANNEL, RSSI, WPA2_PSK = 6, -50, 3
local MODEM_SLEEP = 2

local eventmon = events.api
local sta = {}
local status = IDLE
local is_joined = false                -- from STA_CONNECTED to STA_DISCONNECTED
local mode = flash.mode() -- of the radio
local is_enabled = mode == STATION or mode == STATIONAP -- whether that includes the station
local timer, due                       -- while it connects, and when that ends, in µs
local hostname
local sleep_type = MODEM_SLEEP

-- Returns the settings that the next start finds.
local function recall()
  local ssid, pwd, bssid, bssid_set, auto = flash.recall "wifi_station"
  if not ssid then
    return {ssid = "netmcu", pwd = "", bssid_set = false, bssid = "5c:cf:7f:00:00:fe", auto = true}
  end
  return {ssid = ssid, pwd = pwd, bssid = bssid, bssid_set = bssid_set == 1, auto = auto == 1}
end

local function store(settings)
  flash.store("wifi_station", settings.ssid, settings.pwd, settings.bssid, settings.bssid_set and 1 or 0,
    settings.auto and 1 or 0)
end

local station = recall()

local function connection()
  return {SSID = station.ssid, BSSID = station.bssid, channel = CHANNEL}
end

local function own_network()
  return {ssid = station.ssid, bssid = station.bssid, rssi = RSSI, auth = WPA2_PSK, channel = CHANNEL}
end

local function addresses()
  local ip, netmask, gateway = machine.address()
  return {IP = ip, netmask = netmask, gateway = gateway}
end

-- The address is known when STA_GOT_IP is delivered, but not yet when STA_CONNECTED is.
local function come_up()
  timer = nil
  events.raise(eventmon.STA_CONNECTED, connection, true, function() is_joined = true end)
  events.raise(eventmon.STA_GOT_IP, addresses, true, function() status = GOTIP end)
end

local function leave()
  if timer then
    timer:unregister()
    timer = nil
  end
  events.withdraw(eventmon.STA_CONNECTED)
  events.withdraw(eventmon.STA_GOT_IP)
  status, is_joined = IDLE, false
end

local function disconnect()
  local was_joined = is_joined
  leave()
  if was_joined then
    local details = {SSID = station.ssid, BSSID = station.bssid, reason = eventmon.reason.ASSOC_LEAVE}
    events.raise(eventmon.STA_DISCONNECTED, function() return details end)
  end
end

local function connect(delay)
  if status == CONNECTING or not is_enabled or station.ssid == "" then
    return
  end
  leave()
  delay = math.max(1, delay or host.wifi_delay or DELAY)
  status, due = CONNECTING, host.now() + delay * 1000
  timer = require "tmr".create()
  timer:alarm(delay, 0, come_up)
end

-- Many scripts wait in a loop, `while wifi.sta.getip() == nil do tmr.delay(100000) end`, and no timer fires meanwhile.
-- They see the address when it is due. The events follow as soon as the script returns.
local function current_status()
  if timer and host.now() >= due then
    status = GOTIP
  end
  return status
end

local function start()
  if not station.auto or not is_enabled or station.ssid == "" then
    return
  end
  local delay = host.is_boot and (host.wifi_delay or DELAY) - host.now() // 1000 or 0
  if delay > 0 then
    connect(delay)
  else
    status, is_joined = GOTIP, true
    come_up()
  end
end

start()

function sta.connect(fn)
  events.register_fields({connected_cb = fn}, {connected_cb = eventmon.STA_CONNECTED})
  connect()
end

function sta.disconnect(fn)
  events.register_fields({disconnected_cb = fn}, {disconnected_cb = eventmon.STA_DISCONNECTED})
  disconnect()
end

-- --- the configuration ---

local INVALID_MAC = "MAC:FF:FF:FF:FF:FF:FF"
local callbacks = {
  connected_cb = eventmon.STA_CONNECTED, disconnected_cb = eventmon.STA_DISCONNECTED,
  connect_cb = eventmon.STA_CONNECTED, disconnect_cb = eventmon.STA_DISCONNECTED, -- names in some releases
  authmode_change_cb = eventmon.STA_AUTHMODE_CHANGE, got_ip_cb = eventmon.STA_GOT_IP,
  dhcp_timeout_cb = eventmon.STA_DHCP_TIMEOUT,
}
local rules = {
  {"ssid", "string", "ssid:not string", 0, 32, "ssid: length:0-32"},
  {"pwd", "string", "pwd:not string", 0, 64, "pwd: length:0-64"},
  {"bssid", "string", "bssid:not string", 17, 17, "bssid: FF:FF:FF:FF:FF:FF"},
  {"auto", "boolean", "auto:not boolean"}, {"save", "boolean", "save:not boolean"},
}
for key in pairs(callbacks) do
  rules[#rules + 1] = {key, "function", key .. ":not function"}
end

-- The older form: ssid, password [, auto [, bssid]]
local function older_config(ssid, password, auto, bssid)
  argument.check(argument.is_text(ssid), 1, "config", "config table not found!")
  password = argument.text(password, 2, "config")
  argument.check(#tostring(ssid) <= 32, 1, "config", "length:0-32")
  argument.check(#password <= 64, 2, "config", "length:0-64")
  if type(auto) == "string" and not tonumber(auto) then
    auto, bssid = nil, auto
  elseif tonumber(auto) and tonumber(auto) ~= 0 and tonumber(auto) ~= 1 then
    argument.raise "wrong arg type"
  end
  argument.check(type(bssid) ~= "string" or #bssid == 17, 1, "config", INVALID_MAC)
  return {ssid = ssid, pwd = password, auto = tonumber(auto) ~= 0, bssid = type(bssid) == "string" and bssid or nil}
end

-- Leaves the network, and joins the new one unless `auto` is false.
function sta.config(config, ...)
  if type(config) ~= "table" then
    config = older_config(config, ...)
  end
  argument.check(config.ssid ~= nil, 1, "config", "ssid required")
  local values = check_fields(config, "config", rules)
  disconnect()
  station = {
    ssid = values.ssid, pwd = values.pwd or "", bssid_set = values.bssid ~= nil,
    bssid = values.bssid and machine.mac_text(values.bssid) or station.bssid, auto = values.auto ~= false,
  }
  if values.save ~= false then
    store(station)
  end
  events.register_fields(values, callbacks)
  if station.auto then
    connect()
  end
  return true
end

local function describe(settings, as_table)
  if as_table == true then
    local pwd = settings.pwd ~= "" and settings.pwd or nil
    return {ssid = settings.ssid, pwd = pwd, bssid_set = settings.bssid_set, bssid = settings.bssid}
  end
  return settings.ssid, settings.pwd, settings.bssid_set and 1 or 0, settings.bssid
end

function sta.getconfig(as_table)
  return describe(station, as_table)
end

function sta.getdefaultconfig(as_table)
  return describe(recall(), as_table)
end

function sta.clearconfig()
  disconnect()
  station = {ssid = "", pwd = "", bssid_set = false, bssid = station.bssid, auto = false}
  store(station)
  return true
end

function sta.autoconnect(switch)
  switch = argument.integer(switch, 1, "autoconnect")
  argument.check(switch == 0 or switch == 1, 1, "autoconnect", "0 or 1")
  local stored = recall()
  station.auto, stored.auto = switch == 1, switch == 1
  store(stored)
end

function sta.getapinfo()
  local access_point = sta.getconfig(true)
  access_point.bssid = access_point.bssid_set and access_point.bssid or nil
  access_point.bssid_set = nil
  return {qty = 1, access_point}
end

function sta.getapindex()
  return 1
end

local function check_index(index, caller)
  index = argument.integer(index, 1, caller)
  argument.check(index >= 1 and index <= 5, 1, caller, "Valid range: 1-5")
  return index
end

function sta.changeap(index)
  return check_index(index, "changeap") == 1
end

function sta.setaplimit(count)
  check_index(count, "setaplimit")
  return true
end

-- --- the state ---

sta.status = current_status

function sta.getip()
  if current_status() ~= GOTIP then
    return nil
  end
  return machine.address()
end

function sta.getbroadcast()
  return current_status() == GOTIP and machine.broadcast() or nil
end

-- The machine keeps its address.
function sta.setip(config)
  if type(config) ~= "table" then
    argument.raise "wrong arg type"
  end
  local ip = machine.address()
  if config.ip and config.ip ~= ip then
    local text = string.format("wifi.sta.setip to %s: the address of this machine stays %s", config.ip, ip)
    argument.warn("wifi.sta.setip", text)
  end
  return true
end

function sta.getmac()
  return machine.mac("sta")
end

function sta.setmac(text)
  return machine.set_mac("sta", text)
end

function sta.gethostname()
  hostname = hostname or "NODE-" .. machine.mac_end("sta")
  return hostname
end

function sta.sethostname(name)
  name = argument.text(name, 1, "sethostname")
  local is_valid = #name <= 32 and string.find(name, "^%w[%w-]*$") and not string.find(name, "-$")
  argument.check(is_valid, 1, "sethostname", "Invalid hostname")
  hostname = name
  return true
end

function sta.getrssi()
  return current_status() == GOTIP and RSSI or nil
end

function sta.sleeptype(kind)
  if tonumber(kind) then
    kind = argument.integer(kind, 1, "sleeptype")
    argument.check(kind >= 0 and kind <= 2, 1, "sleeptype", "range:0-2")
    sleep_type = kind
  end
  return sleep_type
end

-- getap([config,] [format,] fn)
function sta.getap(...)
  if mode == SOFTAP then
    argument.raise "Can't list ap in SOFTAP mode"
  end
  require "netmcu.device.wifi_scan".scan(mode ~= NULLMODE and own_network, ...)
end

local function set_mode(new)
  mode = new
  local had_station = is_enabled
  is_enabled = mode == STATION or mode == STATIONAP
  if had_station and not is_enabled then
    disconnect()
  elseif is_enabled and not had_station and station.auto then
    connect()
  end
end

local control = {}

function control.networks(list)
  require "netmcu.device.wifi_scan".set_networks(list)
end

return {
  api = sta, set_mode = set_mode, control = control,
  network = function() return station.ssid, station.pwd end,
}
