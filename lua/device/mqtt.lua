-- mqtt: a client for brokers of MQTT 3.1.1, over TCP or TLS. The connection itself is in
-- mqtt_session.lua, and its packets in mqtt_packet.lua.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local packet = require "netmcu.device.mqtt_packet"
local session = require "netmcu.device.mqtt_session"

local mqtt = {
  CONN_FAIL_SERVER_NOT_FOUND = -5, CONN_FAIL_NOT_A_CONNACK_MSG = -4, CONN_FAIL_DNS = -3,
  CONN_FAIL_TIMEOUT_RECEIVING = -2, CONN_FAIL_TIMEOUT_SENDING = -1, CONNACK_ACCEPTED = 0,
  CONNACK_REFUSED_PROTOCOL_VER = 1, CONNACK_REFUSED_ID_REJECTED = 2, CONNACK_REFUSED_SERVER_UNAVAILABLE = 3,
  CONNACK_REFUSED_BAD_USER_OR_PASS = 4, CONNACK_REFUSED_NOT_AUTHORIZED = 5,
}

local PORT, KEEPALIVE, LONGEST = 1883, 60, 1024

local Client = {}
Client.__index = Client
Client.__name = "mqtt.socket"

local function check(self, caller)
  argument.object(self, Client, caller)
end

local function is_connected(self)
  return self.state == "greeting" or self.state == "open"
end

local function check_connected(self, caller)
  argument.object(self, Client, caller)
  if self.state ~= "open" and self.state ~= "greeting" then
    argument.raise "not connected"
  end
end

local function set_callback(self, event, value)
  if type(value) == "function" then
    self.callbacks[event] = value
  end
end

local function next_id(self)
  self.id = self.id % 65535 + 1
  return self.id
end

-- --- arguments ---

local function is_number(value)
  return tonumber(value) ~= nil
end

local function is_flag(value)
  return type(value) == "boolean" or is_number(value)
end

local function is_set(flag)
  return flag ~= false and tonumber(flag) ~= 0
end

-- Takes the next argument if it fits; otherwise it remains, unless it is nil, and the result is the
-- default. The device reads optional arguments like this, but a nil keeps its place here.
local function take(arguments, fits, default)
  local value = arguments[arguments.at]
  local fitting = value ~= nil and fits(value)
  if fitting or value == nil then
    arguments.at = arguments.at + 1
  end
  if fitting then
    return value
  end
  return default
end

local function take_text(arguments, caller)
  local position = arguments.at
  local text = take(arguments, argument.is_text)
  argument.check(not text or packet.fits(tostring(text)), position, caller, "too long")
  return text ~= "" and text and tostring(text) or nil
end

function mqtt.Client(...)
  local arguments = {at = 1, ...}
  local id = take_text(arguments, "Client") or string.format("NodeMCU_%x", device.module("node").chipid())
  local keepalive = argument.integer(take(arguments, is_number, 0), 2, "Client") & 0xffff
  local user, password = take_text(arguments, "Client"), take_text(arguments, "Client")
  local clean = is_set(take(arguments, is_flag, true))
  local longest = argument.integer(take(arguments, is_number, 0), 6, "Client")
  keepalive = keepalive > 0 and keepalive or KEEPALIVE
  local options = {id = id, keepalive = keepalive, user = user, password = password, clean = clean}
  return session.add(setmetatable({options = options}, Client), longest > 0 and longest or LONGEST)
end

-- In the arguments of older firmware, autoreconnect comes before the callbacks.
function Client:connect(...)
  check(self, "connect")
  if is_connected(self) or self.state == "closing" then
    argument.raise "already connected"
  end
  local arguments = {at = 1, ...}
  session.cancel(self)
  local name = take(arguments, argument.is_text, "127.0.0.1")
  local port = argument.integer(take(arguments, is_number, PORT), 2, "connect") & 0xffff
  if port == 0 then
    argument.raise "specify port"
  end
  self.target = {name = name, port = port, is_secure = is_set(take(arguments, is_flag, false))}
  self.autoreconnect = false
  local next_one = arguments[arguments.at]
  if is_number(next_one) or next_one == nil and type(arguments[arguments.at + 2]) == "function" then
    self.autoreconnect = tonumber(take(arguments, is_number, 0)) == 1
  end
  set_callback(self, "connect", arguments[arguments.at])
  set_callback(self, "connfail", arguments[arguments.at + 1])
  session.begin(self)
  return true
end

function Client:close()
  check(self, "close")
  self.queue, self.queued, self.autoreconnect = {}, 0, false
  local connected = is_connected(self)
  if connected then
    session.close(self)
  elseif self.state == "waiting" then
    session.cancel(self)
  end
  return connected
end

local events = {
  connect = true, connfail = true, offline = true, message = true, overflow = true, puback = true, suback = true,
  unsuback = true,
}

function Client:on(event, callback)
  check(self, "on")
  event = argument.text(event, 1, "on")
  argument.typed(callback, 2, "on", "function")
  if not events[event] then
    argument.raise "method not supported"
  end
  self.callbacks[event] = callback
end

local function qos_of(value, position, caller)
  local qos = argument.integer(value, position, caller)
  argument.check(qos >= 0 and qos <= 2, position, caller, "QoS is 0, 1 or 2")
  return qos
end

-- The QoS is checked without a call of qos_of: each Lua function on the way of a message costs a
-- simulated fleet some cache lines.
function Client:publish(topic, payload, qos, retain, callback)
  check_connected(self, "publish")
  topic, payload = argument.text(topic, 1, "publish"), argument.text(payload, 2, "publish")
  qos = argument.integer(qos, 3, "publish")
  argument.check(qos >= 0 and qos <= 2, 3, "publish", "QoS is 0, 1 or 2")
  retain = argument.integer(retain, 4, "publish") & 1
  local id = qos > 0 and next_id(self) or nil
  if callback then
    set_callback(self, "puback", callback)
  end
  return session.enqueue(self, "publish", id, qos, packet.publish(topic, payload, qos, retain, id))
end

-- Returns the topics of subscribe and unsubscribe. Without QoS, only names count.
local function topic_list(topics, qos, caller)
  if type(topics) ~= "table" then
    return {{name = argument.text(topics, 1, caller), qos = qos and qos_of(qos, 2, caller)}}
  end
  local list = {}
  for name, value in pairs(topics) do
    list[#list + 1] = {name = argument.text(name, 1, caller), qos = qos and qos_of(value, 1, caller)}
  end
  if not list[1] then
    argument.raise "no topics found"
  end
  return list
end

function Client:subscribe(topics, qos, callback)
  check_connected(self, "subscribe")
  local list = topic_list(topics, qos or 0, "subscribe")
  local id = next_id(self)
  set_callback(self, "suback", type(topics) == "table" and qos or callback)
  return session.enqueue(self, "subscribe", id, 1, packet.subscribe(id, list))
end

function Client:unsubscribe(topics, callback)
  check_connected(self, "unsubscribe")
  local list = topic_list(topics, nil, "unsubscribe")
  local id = next_id(self)
  set_callback(self, "unsuback", callback)
  return session.enqueue(self, "unsubscribe", id, 1, packet.unsubscribe(id, list))
end

function Client:lwt(topic, message, qos, retain)
  check(self, "lwt")
  topic, message = argument.text(topic, 1, "lwt"), argument.text(message, 2, "lwt")
  argument.check(packet.fits(topic), 1, "lwt", "too long")
  argument.check(packet.fits(message), 2, "lwt", "too long")
  qos = is_number(qos) and qos_of(qos, 3, "lwt") or 0
  retain = is_number(retain) and tonumber(retain) ~= 0 and 1 or 0
  self.options.will = topic ~= "" and {topic = topic, message = message, qos = qos, retain = retain} or nil
end

return {api = mqtt}
