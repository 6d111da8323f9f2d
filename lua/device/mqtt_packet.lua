-- Packets of MQTT 3.1.1: what a client sends, as strings, and a reader for what a broker sends.
-- There is no I/O here.

local pieces = require "netmcu.device.pieces"

local packet, pack = {}, string.pack

local LONGEST = 65535 -- bytes of a text: its length has two bytes
local LARGEST = 268435455 -- bytes behind the fixed header: four digits of seven bits
local CONTROL = 65536 -- bytes of a packet that carries no message; a broker sends only short ones

-- --- packets to send ---

local function assemble(first, ...)
  local body = table.concat {...}
  local size = #body
  local header = string.char(first)
  repeat
    header = header .. string.char(size & 127 | (size > 127 and 128 or 0))
    size = size >> 7
  until size == 0
  return header .. body
end

local function text(value)
  return string.pack(">s2", value)
end

-- Returns whether a packet can contain this text.
function packet.fits(value)
  return #value <= LONGEST
end

local function is_topic(value)
  return value ~= "" and packet.fits(value)
end

-- options: id, keepalive, clean, will (nil, or topic, message, qos, retain), user, password
function packet.connect(options)
  local flags, will = options.clean and 2 or 0, options.will
  local fields = {text(options.id)}
  if will then
    flags = flags | 4 | will.qos << 3 | will.retain << 5
    table.insert(fields, text(will.topic) .. text(will.message))
  end
  if options.user then
    flags = flags | 128 | (options.password and 64 or 0)
    table.insert(fields, text(options.user) .. (options.password and text(options.password) or ""))
  end
  return assemble(0x10, string.pack(">s2BBI2", "MQTT", 4, flags, options.keepalive), table.unpack(fields))
end

-- The packet number `id` is nil for QoS 0. Returns nil if MQTT has no such message. Most messages
-- are short, so a single call makes their packets.
function packet.publish(topic, payload, qos, retain, id)
  local first, size = 0x30 | qos << 1 | retain, #topic + #payload + (id and 4 or 2)
  if topic == "" or #topic > LONGEST or size > LARGEST then
    return nil
  elseif size < 128 then
    return pack(id and ">BBs2I2" or ">BBs2", first, size, topic, id) .. payload
  end
  return assemble(first, string.pack(id and ">s2I2" or ">s2", topic, id), payload)
end

-- Returns the packet with the mark that it was sent before.
function packet.again(bytes)
  return string.char(string.byte(bytes) | 8) .. string.sub(bytes, 2)
end

local function topics(first, id, list, add)
  local fields = {}
  for i, topic in ipairs(list) do
    if not is_topic(topic.name) then
      return nil
    end
    fields[i] = text(topic.name) .. add(topic)
  end
  return assemble(first, string.pack(">I2", id), table.concat(fields))
end

-- `list` has tables with name and qos. Returns nil if a name cannot be a topic.
function packet.subscribe(id, list)
  return topics(0x82, id, list, function(topic) return string.char(topic.qos) end)
end

function packet.unsubscribe(id, list)
  return topics(0xa2, id, list, function() return "" end)
end

local first_of = {puback = 0x40, pubrec = 0x50, pubrel = 0x62, pubcomp = 0x70}

-- Returns an acknowledgement of this kind.
function packet.acknowledge(kind, id)
  return string.pack(">BBI2", first_of[kind], 2, id)
end

packet.ping, packet.disconnect = "\xc0\0", "\xe0\0"

-- --- packets of a broker ---

-- Each decoder takes what follows the fixed header and the first byte of the packet, and returns a
-- table, or nil if the packet is malformed.
local decoders = {}

local function decode_id(body)
  local id = #body == 2 and string.unpack(">I2", body) or 0
  return id > 0 and {id = id} or nil
end

decoders.puback, decoders.pubrec, decoders.pubrel = decode_id, decode_id, decode_id
decoders.pubcomp, decoders.unsuback = decode_id, decode_id

function decoders.connack(body)
  local flags, code = string.byte(body, 1, 2)
  return #body == 2 and flags < 2 and {session = flags == 1, code = code} or nil
end

function decoders.suback(body)
  return #body > 2 and decode_id(string.sub(body, 1, 2)) or nil
end

function decoders.pingresp(body)
  return body == "" and {} or nil
end

-- Returns how many bytes come before the payload of a message.
local function head_size(first, topic_size)
  return 2 + topic_size + (first & 6 ~= 0 and 2 or 0)
end

function decoders.publish(body, first)
  local topic_size = #body > 2 and string.unpack(">I2", body) or 0
  local head = head_size(first, topic_size)
  if topic_size == 0 or head > #body then
    return nil
  end
  local id = first & 6 ~= 0 and string.unpack(">I2", body, 3 + topic_size) or nil
  return id ~= 0 and {
    qos = first >> 1 & 3, id = id,
    topic = string.sub(body, 3, 2 + topic_size), payload = string.sub(body, head + 1),
  } or nil
end

local kinds = {
  [0x20] = "connack", [0x40] = "puback", [0x50] = "pubrec", [0x62] = "pubrel", [0x70] = "pubcomp",
  [0x90] = "suback", [0xb0] = "unsuback", [0xd0] = "pingresp",
}
for first = 0x30, 0x3d do
  kinds[first] = first & 6 ~= 6 and "publish" or nil
end

-- A reader takes the bytes of a connection in pieces of any size and returns packets. It keeps no
-- more bytes than the longest message that is accepted, or the longest topic.
local Reader = {}
Reader.__index = Reader

-- A message of more than `longest` bytes, its header included, becomes a packet with `overflow`
-- set and a part of the payload: what lies in the first `longest` bytes, but at least one byte.
function packet.reader(longest)
  return setmetatable({longest = longest, input = pieces.new(), need = 1, skip = 0, connected = false}, Reader)
end

function Reader:add(data)
  local skipped = math.min(self.skip, #data)
  self.skip = self.skip - skipped
  if skipped < #data then
    self.input:add(skipped > 0 and string.sub(data, skipped + 1) or data)
  end
end

-- Returns how many bytes the fixed header has, and how many follow it. Returns nil if its end has
-- not come, and false if it is too long.
local function read_header(self)
  local input, size = self.input, 0
  for i = 1, 4 do
    if not input:has(i + 1) then
      self.need = i + 1
      return nil
    end
    local byte = string.byte(input.text, input.at + i)
    size = size | (byte & 127) << 7 * (i - 1)
    if byte < 128 then
      return i + 1, size
    end
  end
  return false
end

-- Returns how many bytes of the packet must come before it is decoded, or false if it is malformed.
local function wanted_size(self, first, header, size)
  local input, total = self.input, header + size
  if kinds[first] ~= "publish" then
    return total <= CONTROL and total
  elseif total <= self.longest or size < 2 then
    return total
  elseif not input:has(header + 2) then
    return header + 2
  end
  local head = header + head_size(first, string.unpack(">I2", input.text, input.at + header))
  return head <= total and math.max(math.min(self.longest, total), math.min(head + 1, total))
end

-- Takes what has come of the packet; the rest of it is skipped when it comes.
local function take(self, total)
  local input = self.input
  local come = math.min(total, input.size)
  input:has(come)
  input:drop(come)
  self.need, self.skip = 1, total - come
end

local function read_packet(self)
  local input = self.input
  local first = string.byte(input.text, input.at)
  local kind = kinds[first]
  if not kind or (kind == "connack") == self.connected then
    return false
  end
  local header, size = read_header(self)
  if not header then
    return header
  end
  local wanted = wanted_size(self, first, header, size)
  if not wanted then
    return false
  elseif not input:has(wanted) then
    self.need = wanted
    return nil
  end
  local result = decoders[kind](string.sub(input.text, input.at + header, input.at + wanted - 1), first)
  take(self, header + size)
  if result then
    result.kind, result.overflow = kind, kind == "publish" and header + size > self.longest or nil
  end
  return result or false
end

-- Returns the next packet; nil if more bytes are needed, and false if they are not MQTT, from then
-- on. The first packet of a broker must be a connack, and no other one may be.
function Reader:next()
  local result = nil
  if self.broken then
    result = false
  elseif self.input:has(self.need) then
    result = read_packet(self)
    self.broken = result == false
    self.connected = self.connected or result ~= nil
  end
  return result
end

return packet
