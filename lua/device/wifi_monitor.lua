-- wifi.monitor: management frames of a network. On a desktop there is one network, that of
-- wifi.sta.getap, which sends a beacon every 102 ms on its channel.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local fields = require "netmcu.device.wifi_monitor_fields"

local monitor = {}

local CHANNEL, RSSI = 6, -50
local RADIO_SIZE, FRAME_SIZE = 12, 112
local BEACON_US = 102400

local Packet = {__name = "wifi.packet"}
local methods = {}

-- --- packets: the radio's header, then the first bytes of the frame ---

local function check(self, caller)
  return argument.object(self, Packet, caller).bytes
end

local function radio_of(self, caller)
  return string.sub(check(self, caller), 1, RADIO_SIZE)
end

local function frame_of(self, caller)
  return string.sub(check(self, caller), RADIO_SIZE + 1)
end

local function part_of(bytes, caller, first, last)
  return string.sub(bytes, argument.integer(first, 2, caller), last == nil and -1 or argument.integer(last, 3, caller))
end

local function to_hex(bytes, separator)
  return (string.gsub(string.gsub(bytes, ".", function(c)
    return string.format("%02x", string.byte(c)) .. separator
  end), separator == "" and "^$" or ".$", ""))
end

for name, bytes_of in pairs {radio = radio_of, frame = frame_of} do
  methods[name .. "_byte"] = function(self, position)
    position = argument.integer(position, 2, name .. "_byte")
    if position > 0 then
      return string.byte(bytes_of(self, name .. "_byte"), position)
    end
  end
  methods[name .. "_sub"] = function(self, first, last)
    return part_of(bytes_of(self, name .. "_sub"), name .. "_sub", first, last)
  end
  methods[name .. "_subhex"] = function(self, first, last, separator)
    local bytes = part_of(bytes_of(self, name .. "_subhex"), name .. "_subhex", first, last)
    return to_hex(bytes, separator == nil and "" or argument.text(separator, 4, name .. "_subhex"))
  end
end

function methods.ie_table(self)
  return fields.elements(check(self, "ie_table"))
end

function Packet.__index(self, key)
  if type(key) == "number" then
    return fields.elements(self.bytes)[key]
  end
  local value = fields.value(self.bytes, key)
  if value ~= nil then
    return value
  end
  return methods[key]
end

local function new_packet(bytes)
  return setmetatable({bytes = bytes}, Packet)
end

-- --- the network ---

local sequence = 0

local function mac_bytes(mac)
  return (string.gsub(mac, "(%x%x):?", function(digits) return string.char(tonumber(digits, 16)) end))
end

local function element(id, data)
  return string.pack("Bs1", id, data)
end

-- A beacon of 802.11: header, time, interval, capability, elements.
local function beacon(name, bssid)
  sequence = sequence + 1 & 0xfff
  local elements = element(0, name) .. element(1, "\x82\x84\x8b\x96\x24\x30\x48\x6c") .. element(3, string.char(CHANNEL))
    .. element(5, "\0\1\0\0")
  local frame = "\x80\0\0\0" .. string.rep("\xff", 6) .. bssid .. bssid .. string.pack("<I2", sequence << 4)
    .. string.pack("<I8I2I2", require "netmcu.host".now(), 100, 0x0431) .. elements
  local radio = string.pack("<bBI2", RSSI, 0x0b, #frame) .. string.rep("\0", 6) .. string.char(CHANNEL, 0)
  return radio .. string.sub(frame .. string.rep("\0", FRAME_SIZE), 1, FRAME_SIZE)
end

local channel, run = 1, nil

local function passes(bytes, filter)
  local byte = string.byte(bytes, filter.offset)
  return byte ~= nil and byte & filter.mask == filter.value
end

local function next_beacon(this)
  local station = device.module "wifi".sta
  local name = station.getconfig()
  local bytes = beacon(name ~= nil and name ~= "" and name or "netmcu", mac_bytes "02:00:00:00:00:01")
  if channel == CHANNEL and passes(bytes, this.filter) then
    this.fn(new_packet(bytes))
  end
end

-- start([offset, value [, mask],] fn)
function monitor.start(...)
  local arguments = {...}
  local filter, at = {offset = 13, value = 0, mask = 0x0c}, 1
  if type(arguments[1]) == "number" then
    if type(arguments[2]) ~= "number" then
      argument.raise "Must supply offset and value"
    end
    filter, at = {offset = argument.integer(arguments[1]), value = argument.integer(arguments[2]) & 0xff, mask = 0xff}, 3
    if type(arguments[3]) == "number" then
      filter.mask, at = argument.integer(arguments[3]) & 0xff, 4
    end
  end
  local fn = arguments[at]
  if type(fn) ~= "function" then
    argument.raise "Missing callback"
  end
  monitor.stop()
  device.module "wifi".sta.disconnect()
  local this = {filter = filter, fn = fn, timer = require "tmr".create()}
  run, channel = this, 1
  this.timer:alarm(BEACON_US // 1000, 1, function() next_beacon(this) end)
end

function monitor.stop()
  if run then
    run.timer:unregister()
    run = nil
  end
end

-- Returns the channel before the change.
function monitor.channel(new)
  local before = channel
  if type(new) == "number" then
    new = argument.integer(new)
    if new < 1 or new > 15 then
      argument.raise(string.format("Channel number (%d) is out of range", new))
    end
    channel = new
  end
  return before
end

return monitor
