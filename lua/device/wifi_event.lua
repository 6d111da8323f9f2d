-- wifi.eventmon: who is told what happens to the connection. wifi.lua says what happens.

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

-- Events that happened and were not told: {details, lasting}. A lasting one waits for whoever registers for it.
local due = {}
local order = {eventmon.STA_DISCONNECTED, eventmon.STA_CONNECTED, eventmon.STA_GOT_IP, eventmon.WIFI_MODE_CHANGED}

local function tell(event)
  local fact, fn = due[event], handlers[event]
  if fact and fn then
    due[event] = nil
    fn(fact.details())
  end
end

-- Each event is a task of its own, so that an error in one handler leaves the others theirs.
local posted = false

local function tell_all()
  posted = false
  for _, event in ipairs(order) do
    if due[event] and handlers[event] then
      host.post(function() tell(event) end)
    elseif due[event] and not due[event].lasting then
      due[event] = nil
    end
  end
end

local function post_all()
  if not posted then
    posted = true
    host.post(tell_all)
  end
end

function eventmon.register(event, fn)
  if math.type(event) ~= "integer" or event < 0 or event >= eventmon.EVENT_MAX then
    error("bad argument #1 to 'register' (valid range: 0-8)", 2)
  end
  if fn ~= nil and type(fn) ~= "function" then
    error("bad argument #2 to 'register' (function expected, got " .. type(fn) .. ")", 2)
  end
  handlers[event] = fn
  post_all()
end

function eventmon.unregister(event)
  eventmon.register(event, nil)
end

local events = {api = eventmon}

-- details() makes the table that the handler gets, when it gets it.
function events.raise(event, details, lasting)
  due[event] = {details = details, lasting = lasting}
  post_all()
end

function events.withdraw(event)
  due[event] = nil
end

return events
