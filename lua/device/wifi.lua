-- wifi: the radio and its modes. The station is in wifi_station.lua, the access point in
-- wifi_access_point.lua.

local access_point = require "netmcu.device.wifi_access_point"
local argument = require "netmcu.device.argument"
local check_fields = require "netmcu.device.wifi_field"
local events = require "netmcu.device.wifi_event"
local flash = require "netmcu.device.wifi_flash"
local host = require "netmcu.host"
local station = require "netmcu.device.wifi_station"

local wifi = {
  NULLMODE = 0, STATION = 1, SOFTAP = 2, STATIONAP = 3,
  PHYMODE_B = 1, PHYMODE_G = 2, PHYMODE_N = 3,
  NONE_SLEEP = 0, LIGHT_SLEEP = 1, MODEM_SLEEP = 2,
  OPEN = 0, WPA_PSK = 2, WPA2_PSK = 3, WPA_WPA2_PSK = 4,
  STA_IDLE = 0, STA_CONNECTING = 1, STA_WRONGPWD = 2, STA_APNOTFOUND = 3, STA_FAIL = 4, STA_GOTIP = 5,
  COUNTRY_AUTO = 0, COUNTRY_MANUAL = 1,
  sta = station.api, ap = access_point.api, eventmon = events.api, sleeptype = station.api.sleeptype, monitor = {},
}

-- Few scripts listen to other networks.
for _, name in ipairs {"start", "stop", "channel"} do
  wifi.monitor[name] = function(...) return require "netmcu.device.wifi_monitor"[name](...) end
end

local mode, phy = flash.mode(), wifi.PHYMODE_N
access_point.set_mode(mode)

-- Unless `save` is false, the next start begins with this mode.
function wifi.setmode(new, save)
  new = argument.integer(new, 1, "setmode")
  argument.check(new >= wifi.NULLMODE and new <= wifi.STATIONAP, 1, "setmode", "Invalid mode")
  if save ~= nil then
    argument.typed(save, 2, "setmode", "boolean")
  end
  if save ~= false then
    flash.store("wifi_mode", new)
  end
  if new ~= mode then
    local change = {old_mode = mode, new_mode = new}
    mode = new
    station.set_mode(mode)
    access_point.set_mode(mode)
    events.raise(wifi.eventmon.WIFI_MODE_CHANGED, function() return change end)
  end
  return mode
end

function wifi.getmode()
  return mode
end

wifi.getdefaultmode = flash.mode

function wifi.setphymode(new)
  new = argument.integer(new, 1, "setphymode")
  if new < wifi.PHYMODE_B or new > wifi.PHYMODE_N then
    argument.raise "wrong arg type"
  end
  phy = new
  return phy
end

function wifi.getphymode()
  return phy
end

function wifi.getchannel()
  return 6
end

local country = {country = "CN", start_ch = 1, end_ch = 13, policy = wifi.COUNTRY_AUTO}
local country_rules = {
  {"country", "string", "country: must be string", 2, 2, "country: country code must be 2 chars"},
  {"start_ch", "number", "start_ch: must be a number", 1, 14, "start_ch: Range:1-14"},
  {"end_ch", "number", "end_ch: must be a number", 1, 14, "end_ch: Range:1-14"},
  {"policy", "number", "policy: must be a number", 0, 1, "policy: must be 0 or 1"},
}

function wifi.getcountry()
  return {country = country.country, start_ch = country.start_ch, end_ch = country.end_ch, policy = country.policy}
end

function wifi.setcountry(new)
  argument.check(type(new) == "table", 1, "setcountry", "Table not found!")
  local values = check_fields(new, "setcountry", country_rules)
  local first, last = values.start_ch or 1, values.end_ch or 13
  argument.check(last >= first or not values.end_ch, 1, "setcountry", "end_ch: can't be less than start_ch")
  country = {
    country = string.upper(values.country or "CN"), start_ch = first, end_ch = last,
    policy = values.policy or wifi.COUNTRY_AUTO,
  }
  return true
end

function wifi.setmaxtxpower(power)
  power = argument.integer(power, 1, "setmaxtxpower")
  argument.check(power > 0 and power < 83, 1, "setmaxtxpower", "tx power out of range (0->82)")
end

-- --- sleep: it is remembered, and the network of the machine stays ---

local suspended, on_resume = false, nil

local function post(fn)
  if type(fn) == "function" then
    host.post(function() fn() end)
  end
end

function wifi.suspend(options)
  if options == nil then
    return suspended and 2 or 0
  end
  argument.check(type(options) == "table", 1, "suspend", "must be table")
  suspended, on_resume = true, options.resume_cb
  post(options.suspend_cb)
end

function wifi.resume(fn)
  if not suspended then
    argument.raise "WIFi not suspended"
  end
  suspended = false
  post(type(fn) == "function" and fn or on_resume)
end

local sleeps_in_null_mode = true

function wifi.nullmodesleep(enable)
  if enable ~= nil then
    sleeps_in_null_mode = enable ~= false
  end
  return sleeps_in_null_mode
end

-- --- smart configuration: nobody sends a name and a password through the air, so those in use are found at once ---

function wifi.startsmart(kind, fn)
  if mode ~= wifi.STATION then
    argument.raise "Smart link only in STATION mode"
  elseif type(kind) == "function" then
    fn = kind
  elseif tonumber(kind) and (tonumber(kind) < 0 or tonumber(kind) > 1) then
    argument.raise "wrong arg range"
  end
  if type(fn) == "function" then
    host.post(function() fn(station.network()) end)
  end
end

function wifi.stopsmart() end

-- --- the older events: fn(previous status), when the monitor sees a new status ---

local sta = wifi.sta
local LONGEST_ALARM = 6870947 -- ms
local monitored, monitor = {}, nil

function sta.eventMonReg(status, fn)
  status = argument.integer(status, 1, "eventMonReg")
  if status < wifi.STA_IDLE or status > wifi.STA_GOTIP then
    argument.raise "valid wifi status:0-5"
  end
  monitored[status] = type(fn) == "function" and fn or nil
end

local function watch(last)
  local status = sta.status()
  if status ~= last and monitored[status] then
    monitored[status](last)
  end
  return status
end

function sta.eventMonStart(interval)
  sta.eventMonStop()
  local last = wifi.STA_IDLE
  monitor = require "tmr".create()
  interval = argument.optional_integer(interval, 150)
  monitor:alarm(math.max(1, math.min(interval, LONGEST_ALARM)), 1, function() last = watch(last) end)
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

return {api = wifi, control = station.control}
