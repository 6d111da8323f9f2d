-- wifi.ap: the settings of an access point that nobody joins.

local argument = require "netmcu.device.argument"
local check_fields = require "netmcu.device.wifi_field"
local events = require "netmcu.device.wifi_event"
local flash = require "netmcu.device.wifi_flash"
local machine = require "netmcu.device.wifi_address"

local STATION = 1
local OPEN, WPA_WPA2_PSK = 0, 4

local eventmon = events.api
local ap = {dhcp = {}}
local mode = STATION

-- Returns the settings that the next start finds.
local function recall()
  local ssid, pwd, auth, channel, hidden, max, beacon = flash.recall "wifi_ap"
  if not ssid then
    return {auth = OPEN, channel = 6, hidden = false, max = 4, beacon = 100}
  end
  return {
    ssid = ssid, pwd = pwd ~= "" and pwd or nil, auth = auth, channel = channel, hidden = hidden == 1, max = max,
    beacon = beacon,
  }
end

local config = recall()

local callbacks = {
  staconnected_cb = eventmon.AP_STACONNECTED, stadisconnected_cb = eventmon.AP_STADISCONNECTED,
  probereq_cb = eventmon.AP_PROBEREQRECVED,
}
local rules = {
  {"ssid", "string", "ssid: not string", 1, 32, "ssid: length:1-32"},
  {"pwd", "string", "pwd: not string", 8, 64, "pwd: length:0 or 8-64"},
  {"auth", "number", "auth: not number", 0, 4, "auth: Range:0-4"},
  {"channel", "number", "channel: not number", 1, 13, "channel: Range:1-13"},
  {"max", "number", "max: not number", 1, 4, "max: 1-4"},
  {"beacon", "number", "beacon: not number", 100, 60000, "beacon: 100-60000"},
  {"save", "boolean", "save: not boolean"},
}
for key in pairs(callbacks) do
  rules[#rules + 1] = {key, "function", key .. ":not function"}
end

local function check_hidden(hidden)
  argument.check(hidden == nil or type(hidden) == "boolean" or type(hidden) == "number", 1, "config",
    "hidden: not boolean")
  argument.check(type(hidden) ~= "number" or hidden == 0 or hidden == 1, 1, "config", "hidden: 0 or 1")
  return hidden == true or hidden == 1
end

function ap.config(new)
  argument.typed(new, 1, "config", "table")
  argument.check(new.ssid ~= nil, 1, "config", "ssid: required")
  local values = check_fields(new, "config", rules)
  local hidden = check_hidden(new.hidden)
  config = {
    ssid = values.ssid, pwd = values.pwd, auth = values.auth or values.pwd and WPA_WPA2_PSK or OPEN,
    channel = values.channel or 6, hidden = hidden, max = values.max or 4, beacon = values.beacon or 100,
  }
  if values.save ~= false then
    flash.store("wifi_ap", config.ssid, config.pwd or "", config.auth, config.channel, hidden and 1 or 0, config.max,
      config.beacon)
  end
  events.register_fields(values, callbacks)
  return true
end

-- An open access point has no password.
local function describe(settings, as_table)
  local ssid = settings.ssid or "NODE_" .. machine.mac_end("ap")
  local pwd
  if settings.auth ~= OPEN then
    pwd = settings.pwd or ""
  end
  if as_table ~= true then
    return ssid, pwd
  end
  return {
    ssid = ssid, pwd = pwd, auth = settings.auth, channel = settings.channel, hidden = settings.hidden,
    max = settings.max, beacon = settings.beacon,
  }
end

function ap.getconfig(as_table)
  return describe(config, as_table)
end

function ap.getdefaultconfig(as_table)
  return describe(recall(), as_table)
end

local function is_enabled()
  return mode > STATION -- SOFTAP, STATIONAP
end

-- Clients in this machine's network reach the script at this address.
function ap.getip()
  if not is_enabled() then
    return nil
  end
  return machine.address()
end

function ap.setip(new)
  if type(new) ~= "table" then
    argument.raise "wrong arg type"
  end
  return true
end

function ap.getbroadcast()
  return is_enabled() and machine.broadcast() or nil
end

function ap.getmac()
  return machine.mac("ap")
end

function ap.setmac(text)
  return machine.set_mac("ap", text)
end

function ap.getclient()
  if mode == STATION then
    argument.raise "Can't list clients in STATION mode"
  end
  return {}
end

function ap.deauth(mac)
  argument.check(type(mac) ~= "string" or #mac == 17, 1, "deauth", "MAC:FF:FF:FF:FF:FF:FF")
  return true
end

-- As many addresses as the access point takes clients.
function ap.dhcp.config(new)
  local first = type(new) == "table" and type(new.start) == "string" and new.start
  local lead, last = string.match(first or "", "^(%d+%.%d+%.%d+%.)(%d+)$")
  if not lead then
    argument.raise "wrong arg type"
  end
  return first, lead .. math.min(254, last + config.max - 1)
end

function ap.dhcp.start()
  return true
end

function ap.dhcp.stop()
  return true
end

return {api = ap, set_mode = function(new) mode = new end}
