-- wifi.eventmon: calls the script's functions for what happens to the connection. wifi_station.lua
-- and wifi.lua raise the events.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"

local eventmon = {}
for number, name in pairs {[0] = "STA_CONNECTED", "STA_DISCONNECTED", "STA_AUTHMODE_CHANGE", "STA_GOT_IP",
  "STA_DHCP_TIMEOUT", "AP_STACONNECTED", "AP_STADISCONNECTED", "AP_PROBEREQRECVED", "WIFI_MODE_CHANGED",
  "EVENT_MAX"} do
  eventmon[name] = number
end

eventmon.reason = {
  UNSPECIFIED = 1, AUTH_EXPIRE = 2, AUTH_LEAVE = 3, ASSOC_EXPIRE = 4, ASSOC_TOOMANY = 5, NOT_AUTHED = 6,
  NOT_ASSOCED = 7, ASSOC_LEAVE = 8, ASSOC_NOT_AUTHED = 9, DISASSOC_PWRCAP_BAD = 10, DISASSOC_SUPCHAN_BAD = 11,
  IE_INVALID = 13, MIC_FAILURE = 14, ["4WAY_HANDSHAKE_TIMEOUT"] = 15, GROUP_KEY_UPDATE_TIMEOUT = 16,
  IE_IN_4WAY_DIFFERS = 17, GROUP_CIPHER_INVALID = 18, PAIRWISE_CIPHER_INVALID = 19, AKMP_INVALID = 20,
  UNSUPP_RSN_IE_VERSION = 21, INVALID_RSN_IE_CAP = 22, ["802_1X_AUTH_FAILED"] = 23, CIPHER_SUITE_REJECTED = 24,
  BEACON_TIMEOUT = 200, NO_AP_FOUND = 201, AUTH_FAIL = 202, ASSOC_FAIL = 203, HANDSHAKE_TIMEOUT = 204,
}

local handlers = {}

-- Events that were raised, in order: {event, details, lasting, apply, is_done}. A lasting event
-- waits until a function is registered for it.
local due = {}

local function deliver(fact)
  if fact.is_done then
    return
  end
  if fact.apply then
    fact.apply()
    fact.apply = nil
  end
  local fn = handlers[fact.event]
  fact.is_done = fn ~= nil or not fact.lasting
  if fn then
    fn(fact.details())
  end
end

-- Each event is a task of its own, so that an error in one function does not keep the others from
-- their events.
local posted = false

local function deliver_all()
  posted = false
  local waiting = {}
  for _, fact in ipairs(due) do
    if not fact.is_done then
      waiting[#waiting + 1] = fact
      host.post(function() deliver(fact) end)
    end
  end
  due = waiting
end

local function post_all()
  if not posted then
    posted = true
    host.post(deliver_all)
  end
end

-- As on the device, anything that is not a function unregisters.
function eventmon.register(event, fn)
  event = argument.integer(event, 1, "register")
  if event < 0 or event > eventmon.EVENT_MAX then
    argument.raise("valid wifi events:0-" .. eventmon.EVENT_MAX)
  end
  handlers[event] = type(fn) == "function" and fn or nil
  post_all()
end

function eventmon.unregister(event)
  eventmon.register(event, nil)
end

local events = {api = eventmon}

-- details() returns the table for the function. apply(), if given, puts the event into effect, just
-- before it is delivered and whether or not there is a function.
function events.raise(event, details, lasting, apply)
  due[#due + 1] = {event = event, details = details, lasting = lasting, apply = apply}
  post_all()
end

function events.withdraw(event)
  for _, fact in ipairs(due) do
    fact.is_done = fact.is_done or fact.event == event
  end
end

-- Registers what a configuration names: {key = event}.
function events.register_fields(config, keys)
  for key, event in pairs(keys) do
    if type(config[key]) == "function" then
      eventmon.register(event, config[key])
    end
  end
end

return events
