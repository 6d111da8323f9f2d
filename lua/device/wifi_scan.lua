-- The scan of wifi.sta.getap. In range are the network that the station is configured for, and those
-- that a test has set.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local machine = require "netmcu.device.wifi_address"

local CHANNEL, RSSI, WPA2_PSK = 6, -50, 3

local networks = {}

local others = {}

local function check_network(network, i)
  if type(network) ~= "table" or type(network.ssid) ~= "string" or #network.ssid > 32 then
    error("networks: a list of tables with a name of up to 32 bytes expected, such as {{ssid = \"cafe\"}}", 0)
  end
  local all = {
    ssid = network.ssid, bssid = network.bssid or string.format("02:00:00:00:01:%02x", i & 255),
    rssi = network.rssi or RSSI, auth = network.auth or WPA2_PSK, channel = network.channel or CHANNEL,
  }
  for _, key in ipairs {"rssi", "auth", "channel"} do
    if math.type(all[key]) ~= "integer" then
      error(string.format("networks: %s: an integer expected", key), 0)
    end
  end
  if type(all.bssid) ~= "string" or #all.bssid ~= 17 then
    error('networks: bssid: a text such as "02:00:00:00:01:02" expected', 0)
  end
  all.bssid = machine.mac_text(all.bssid)
  return all
end

function networks.set_networks(list)
  local checked = {}
  for i, network in ipairs(list) do
    checked[i] = check_network(network, i)
  end
  others = checked
end

local function check_scan(config)
  for key, kind in pairs {ssid = "string", bssid = "string", channel = "number", show_hidden = "number"} do
    local value = config[key]
    local fits = type(value) == "number" or type(value) == "string" and (kind == "string" or tonumber(value))
    if value ~= nil and not fits then
      argument.raise "wrong arg type"
    end
  end
  local channel, hidden = tonumber(config.channel) or 0, tonumber(config.show_hidden) or 0
  if config.ssid and #tostring(config.ssid) > 32 then
    argument.raise "ssid:<32"
  elseif channel < 0 or channel > 13 then
    argument.raise "channel: 0 or 1-13"
  elseif hidden ~= 0 and hidden ~= 1 then
    argument.raise "show_hidden: 0 or 1"
  end
  argument.check(not config.bssid or #tostring(config.bssid) == 17, 1, "getap", "MAC:FF:FF:FF:FF:FF:FF")
end

local function is_found(network, config)
  local channel = tonumber(config.channel) or 0
  return (config.ssid == nil or tostring(config.ssid) == network.ssid)
    and (config.bssid == nil or machine.mac_text(config.bssid) == network.bssid)
    and (channel == 0 or channel == network.channel)
end

-- The formats are those of the device's two tables.
local function find(own, config, format)
  local found = {}
  local function add(network)
    if not is_found(network, config) then
      return
    elseif format == 1 then
      found[network.bssid] = string.format("%s,%d,%d,%d", network.ssid, network.rssi, network.auth, network.channel)
    else
      found[network.ssid] = string.format("%d,%d,%s,%d", network.auth, network.rssi, network.bssid, network.channel)
    end
  end
  for _, network in ipairs(others) do
    add(network)
  end
  add(own)
  return found
end

-- Calls fn with what is found. own() returns the network of the station; false: the radio is off.
function networks.scan(own, config, format, fn)
  if type(config) == "number" or type(config) == "function" then
    config, format, fn = nil, config, format
  end
  if type(format) == "function" then
    format, fn = nil, format
  end
  if type(config or {}) ~= "table" or type(format) == "number" and format ~= 0 and format ~= 1 then
    argument.raise "wrong arg type"
  end
  config = config or {}
  check_scan(config)
  if type(fn) == "function" and own then
    host.post(function() fn(find(own(), config, format)) end)
  end
end

return networks
