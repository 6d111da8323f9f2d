-- The connection of an MQTT client, for mqtt.lua. Its state is one of
--
--   idle ─begin()─▶ connecting ─TCP─▶ greeting ─CONNACK─▶ open ─close()─▶ closing ─"offline"─▶ idle
--
-- A connection that fails goes back to idle, or to waiting if it will be tried again.
--
-- As on the device, the messages of the script form a queue, and the first one must be finished
-- before the next one goes out: with QoS 0 when it is sent, otherwise when the broker has
-- acknowledged it. The queue survives a connection that breaks, but not close(). Acknowledgements
-- to the broker overtake it.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local packet = require "netmcu.device.mqtt_packet"
local stream = require "netmcu.device.stream"
local tmr = require "tmr"

-- Why a connection failed, if the broker gave no reason.
local NO_SERVER, NO_CONNACK, NO_ADDRESS, NO_ANSWER, NOT_SENT = -5, -4, -3, -2, -1

-- Each report of a simulated fleet uses these functions. They are locals because each look-up costs
-- a cache line.
local alarm, now, remove, SINGLE = tmr.alarm, host.now, table.remove, tmr.ALARM_SINGLE
local CONNECT_TIMEOUT, ANSWER_TIMEOUT = 60, 6 -- seconds, as on the device
local QUEUE = 45000 -- bytes of waiting messages; the device's queue ends with its heap
local BUFFER = 1460 -- bytes of the longest packet that the device can send
local ACKNOWLEDGEMENTS = 65536 -- that may wait; a broker that sends on and on must also read

local session = {}

local function fire(self, event, ...)
  local callback = self.callbacks[event]
  if callback then
    callback(self, ...)
  end
end

-- --- the end of a connection ---

local begin

-- Drops the connection: none of its events reaches the client any more.
local function let_go(self)
  local connection = self.connection
  self.connection, self.reader = nil, nil
  self.timer:unregister()
  if connection then
    connection:close()
  end
end

local function retry(self)
  self.state = "waiting"
  alarm(self.timer, 1000, SINGLE, function() begin(self) end)
end

local function go_offline(self)
  let_go(self)
  self.state = "idle"
  if self.reconnects then
    retry(self)
  end
  fire(self, "offline")
end

-- Ends a connection. The client cannot connect again before the script has learned of it.
local function go_offline_later(self)
  self.state, self.reconnects = "closing", false
  let_go(self)
  host.post(function() go_offline(self) end)
end

-- Ends an attempt to connect.
local function fail(self, reason)
  let_go(self)
  self.state = "idle"
  if self.reconnects then
    return retry(self)
  end
  fire(self, "connfail", reason)
end

-- Ends a connection after an error. As on the device, the script gets a reason first, and then
-- learns that the client is offline.
local function break_off(self)
  let_go(self)
  if self.state ~= "closing" and not self.reconnects then
    self.state = "closing"
    fire(self, "connfail", NO_SERVER)
  end
  go_offline(self)
end

-- --- time ---

-- The device counts seconds from the beginning of the attempt to connect.
local function seconds_of(self)
  return (now() - self.begun) // 1000000
end

local watch

-- --- sending ---

local on_drained

local function send(self, bytes)
  self.sent_at = (now() - self.begun) // 1000000 -- as seconds_of, without a call for each message
  self.connection:write(bytes, on_drained, self)
end

-- Sends the first message of the queue, unless it is on its way.
local function send_next(self)
  local message = self.queue[1]
  if not message or self.state ~= "open" or message.is_out then
    return
  end
  message.is_out = true
  if message.qos == 0 then
    return send(self, message.bytes)
  elseif message.released then
    send(self, packet.acknowledge("pubrel", message.id))
  else
    send(self, message.repeated and packet.again(message.bytes) or message.bytes)
  end
  message.sent_at, message.repeated = self.sent_at, message.kind == "publish"
  watch(self)
end

-- Removes the first message of the queue, and fires the event, if one is given.
local function finish(self, event)
  self.queued = self.queued - #remove(self.queue, 1).bytes
  if event and self.callbacks[event] then
    fire(self, event)
  end
  if self.queue[1] then
    send_next(self)
  end
end

-- Called when everything has been sent.
function on_drained(self)
  local message = self.queue[1]
  self.greeted = true
  if self.state == "closing" then
    go_offline(self)
  elseif message and message.is_out and message.qos == 0 then
    finish(self, "puback")
  end
end

-- Returns false if there is no packet or the queue is full. An empty queue takes a packet of any
-- size.
function session.enqueue(self, kind, id, qos, bytes)
  if not bytes or self.queue[1] and self.queued + #bytes > QUEUE then
    return false
  elseif #bytes > BUFFER then
    argument.warn("mqtt.size", string.format("a packet of %d bytes: the device sends at most %d", #bytes, BUFFER))
  end
  self.queue[#self.queue + 1] = {kind = kind, id = id, qos = qos, bytes = bytes, is_out = false}
  self.queued = self.queued + #bytes
  send_next(self)
  return true
end

-- --- receiving ---

local function acknowledge(self, kind, id)
  if #self.connection.waiting < ACKNOWLEDGEMENTS then
    send(self, packet.acknowledge(kind, id))
  else
    break_off(self)
  end
end

local handlers = {}

function handlers.connack(self, answer)
  if answer.code ~= 0 then
    go_offline_later(self)
    return fire(self, "connfail", answer.code)
  end
  self.state, self.reconnects = "open", self.autoreconnect
  self.received = answer.session and self.received or {}
  watch(self)
  fire(self, "connect")
  send_next(self)
end

-- A broker repeats a message of QoS 2 after an interruption; the script gets it once.
function handlers.publish(self, message)
  local known = message.qos == 2 and self.received[message.id]
  if message.qos > 0 then
    self.received[message.id] = message.qos == 2 or nil
    acknowledge(self, message.qos == 1 and "puback" or "pubrec", message.id)
  end
  local event = message.overflow and "overflow" or "message"
  if known or not self.reader then
    return
  elseif message.payload == "" then
    fire(self, event, message.topic)
  else
    fire(self, event, message.topic, message.payload)
  end
end

-- Returns the first message of the queue if the acknowledgement is for it.
local function acknowledged(self, answer, kind, qos)
  local message = self.queue[1]
  local matches = message and message.is_out and message.kind == kind and message.id == answer.id
  return matches and message.qos == qos and message
end

-- Returns a handler of acknowledgements that finish a message.
local function finisher(kind, qos, event)
  return function(self, answer)
    local message = acknowledged(self, answer, kind, qos)
    if message and (qos < 2 or message.released) then
      finish(self, event)
    end
  end
end

handlers.puback, handlers.pubcomp = finisher("publish", 1, "puback"), finisher("publish", 2, "puback")
handlers.suback, handlers.unsuback = finisher("subscribe", 1, "suback"), finisher("unsubscribe", 1, "unsuback")

function handlers.pubrec(self, answer)
  local message = acknowledged(self, answer, "publish", 2)
  if message then
    message.released, message.sent_at = true, seconds_of(self)
  end
  acknowledge(self, "pubrel", answer.id)
end

function handlers.pubrel(self, answer)
  self.received[answer.id] = nil
  acknowledge(self, "pubcomp", answer.id)
end

function handlers.pingresp(self)
  self.pinged = false
end

local function refuse(self)
  if self.state == "greeting" then
    go_offline_later(self)
    return fire(self, "connfail", NO_CONNACK)
  end
  break_off(self)
end

local function on_receive(self, data)
  local reader = self.reader
  if reader then
    reader:add(data)
  end
  while reader and self.reader == reader do
    local result = reader:next()
    if result == nil then
      return
    elseif result then
      handlers[result.kind](self, result)
    else
      refuse(self)
    end
  end
end

-- --- what becomes due: a client has one timer, and nothing to do in most seconds ---

local function ping(self)
  if self.pinged then
    return break_off(self)
  end
  self.pinged = true
  send(self, packet.ping)
end

-- Each returns the second at which something is due if nothing happens, and what it is.
local due = {}

function due.connecting()
  return CONNECT_TIMEOUT, function(self) fail(self, NO_SERVER) end
end

function due.greeting(self)
  return self.sent_at + ANSWER_TIMEOUT, function()
    go_offline_later(self)
    fire(self, "connfail", self.greeted and NO_ANSWER or NOT_SENT)
  end
end

function due.open(self)
  local message, next_ping = self.queue[1], self.sent_at + self.options.keepalive
  local waits = message and message.is_out and message.qos > 0
  if waits and message.sent_at + ANSWER_TIMEOUT <= next_ping then
    return message.sent_at + ANSWER_TIMEOUT, finish -- as on the device, without an event
  end
  return next_ping, ping
end

function due.closing(self)
  return self.sent_at + ANSWER_TIMEOUT, go_offline
end

-- Returns the function that the client's timer calls.
local function on_time(self)
  return function()
    local second, act = due[self.state](self)
    local us = now() - self.begun
    if us < second * 1000000 then
      return alarm(self.timer, second * 1000 - us // 1000, SINGLE, self.on_time)
    end
    act(self)
    if self.connection and not self.timer:state() then
      watch(self)
    end
  end
end

-- Sets the timer to what is due next. To be called when this may be earlier than before.
function watch(self)
  local ms = due[self.state](self) * 1000 - (now() - self.begun) // 1000
  alarm(self.timer, math.max(1, ms), SINGLE, self.on_time)
end

-- --- connecting ---

local function on_connection(self)
  self.state = "greeting"
  send(self, packet.connect(self.options))
  watch(self)
end

local function on_closed(self, code)
  self.connection = nil
  if self.state == "connecting" then
    fail(self, self.unknown and NO_ADDRESS or NO_SERVER)
  elseif code == 0 then
    go_offline(self)
  else
    break_off(self)
  end
end

-- Connects to self.target.
function begin(self)
  self.connection = stream.connect(self.target, {
    dns = function(ip) self.unknown = ip == nil end,
    connection = function() on_connection(self) end,
    receive = function(data) on_receive(self, data) end,
    closed = function(code) on_closed(self, code) end,
  })
  self.state, self.reader = "connecting", packet.reader(self.longest)
  self.begun, self.sent_at, self.unknown, self.greeted, self.pinged = now(), 0, false, false, false
  for _, message in ipairs(self.queue) do
    message.is_out = false
  end
  watch(self)
end

-- Ends an attempt to connect, or the wait for the next one, without an event.
function session.cancel(self)
  let_go(self)
  self.state, self.reconnects = "idle", false
end

-- Says goodbye to the broker. The script learns that the client is offline when that is sent.
function session.close(self)
  self.state, self.reconnects, self.reader = "closing", false, nil
  send(self, packet.disconnect)
  watch(self)
end

session.begin = begin

-- Adds the state of a connection to a client, which has the options of packet.connect. `longest` is
-- the size of the longest message that is accepted.
function session.add(client, longest)
  client.longest, client.state, client.id, client.callbacks = longest, "idle", 0, {}
  client.queue, client.queued, client.received, client.timer = {}, 0, {}, tmr.create()
  client.on_time = on_time(client)
  return client
end

return session
