-- An MQTT broker that is small enough for the chip: QoS 0 and 1, wildcards, retained messages, no
-- persistence.
--
-- Run:  tools/run examples/device/mqtt_broker
-- Try:  mosquitto_sub -t 'house/#' -v &
--       mosquitto_pub -t house/door -m open

local PORT = 1883

local sessions = {} -- socket → {id, filters, queue, buffer}
local retained = {} -- topic → payload

local function word(text, at)
  return text:byte(at) * 256 + text:byte(at + 1)
end

local function field(text, at)
  local size = word(text, at)
  return text:sub(at + 2, at + 1 + size), at + 2 + size
end

local function packet(first, body)
  local size, n = "", #body
  repeat
    local digit = n % 128
    n = (n - digit) / 128
    size = size .. string.char(n > 0 and digit + 128 or digit)
  until n == 0
  return string.char(first) .. size .. body
end

local function matches(filter, topic)
  if filter == topic or filter == "#" then
    return true
  end
  local head, rest = filter:match("^([^/]*)/(.*)$")
  local topic_head, topic_rest = topic:match("^([^/]*)/(.*)$")
  if not head then
    return filter == "+" and not topic_rest
  elseif head ~= "+" and head ~= (topic_head or topic) then
    return false
  end
  return topic_rest and matches(rest, topic_rest) or not topic_rest and rest == "#"
end

-- Sends in pieces that fit into the chip, one after the other.
local PIECE = 1400

local function send(sck, data)
  local session = sessions[sck]
  for from = 1, #data, PIECE do
    session.queue[#session.queue + 1] = data:sub(from, from + PIECE - 1)
  end
  if not session.sending then
    session.sending = true
    sck:send(table.remove(session.queue, 1))
  end
end

local function on_sent(sck)
  local session = sessions[sck]
  if not session then
    return
  end
  local data = table.remove(session.queue, 1)
  session.sending = data ~= nil
  if data then
    sck:send(data)
  end
end

local function deliver(topic, payload)
  local message = packet(0x30, struct.pack(">H", #topic) .. topic .. payload)
  for sck, session in pairs(sessions) do
    for filter in pairs(session.filters) do
      if matches(filter, topic) then
        send(sck, message)
        break
      end
    end
  end
end

local handle = {}

handle[1] = function(sck, session, _, body) -- CONNECT
  local _, at = field(body, 1)
  session.id = field(body, at + 4)
  print("client " .. session.id)
  send(sck, packet(0x20, "\0\0"))
end

handle[3] = function(sck, _, flags, body) -- PUBLISH
  local topic, at = field(body, 1)
  if bit.band(flags, 6) > 0 then
    send(sck, packet(0x40, body:sub(at, at + 1)))
    at = at + 2
  end
  local payload = body:sub(at)
  if bit.isset(flags, 0) then
    retained[topic] = payload ~= "" and payload or nil
  end
  deliver(topic, payload)
end

handle[8] = function(sck, session, _, body) -- SUBSCRIBE
  local at, codes = 3, ""
  local new = {}
  while at <= #body do
    local filter
    filter, at = field(body, at)
    at = at + 1
    codes = codes .. "\0"
    session.filters[filter], new[filter] = true, true
  end
  send(sck, packet(0x90, body:sub(1, 2) .. codes))
  for topic, payload in pairs(retained) do
    for filter in pairs(new) do
      if matches(filter, topic) then
        send(sck, packet(0x31, struct.pack(">H", #topic) .. topic .. payload))
      end
    end
  end
end

handle[10] = function(sck, session, _, body) -- UNSUBSCRIBE
  local at = 3
  while at <= #body do
    local filter
    filter, at = field(body, at)
    session.filters[filter] = nil
  end
  send(sck, packet(0xb0, body:sub(1, 2)))
end

handle[12] = function(sck) send(sck, packet(0xd0, "")) end -- PINGREQ

handle[14] = function(sck) -- DISCONNECT
  print("client " .. sessions[sck].id .. " leaves")
  sessions[sck] = nil
  sck:close()
end

local function take(buffer)
  local size, scale, at = 0, 1, 2
  repeat
    local digit = buffer:byte(at)
    if not digit then
      return nil
    end
    size = size + digit % 128 * scale
    scale, at = scale * 128, at + 1
  until digit < 128
  if #buffer >= at - 1 + size then
    return buffer:byte(), buffer:sub(at, at - 1 + size), buffer:sub(at + size)
  end
end

local function on_receive(sck, data)
  local session = sessions[sck]
  session.buffer = session.buffer .. data
  while sessions[sck] do
    local first, body, rest = take(session.buffer)
    if not first then
      return
    end
    session.buffer = rest
    local fn = handle[bit.rshift(first, 4)]
    if fn then
      fn(sck, session, bit.band(first, 15), body)
    end
  end
end

net.createServer(net.TCP, 7200):listen(PORT, function(sck)
  sessions[sck] = {filters = {}, queue = {}, buffer = ""}
  sck:on("receive", on_receive)
  sck:on("sent", on_sent)
  sck:on("disconnection", function(s)
    print("client " .. tostring(sessions[s].id) .. " lost")
    sessions[s] = nil
  end)
end)
print("broker on port " .. PORT)
