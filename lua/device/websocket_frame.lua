-- Writes and reads the frames of WebSockets (RFC 6455). This file does no I/O.
--
--   websocket_frame.encode(first, payload, key)   returns a frame of a client; `first` is its first
--                   byte, and `key` the integer of 32 bits that masks it
--   local reader = websocket_frame.reader(most)   most: the bytes of the largest message
--   reader:add(text)
--   reader:next()   returns the next message or control frame as opcode, payload; nothing if more
--                   must come; false and the device's status if the connection cannot go on

local pieces = require "netmcu.device.pieces"

local TOO_LARGE_FRAME, TOO_LARGE_MESSAGE, OUT_OF_ORDER = -9, -11, -15 -- status values of the device

local CONTROL = 125 -- bytes of a control frame at most
local PART = 64 -- bytes that a shorter part of a message counts as, because it takes that much memory

local frame = {}

-- Masks whole words, which is faster than bytes.
local function mask(text, key)
  local words, word = {}, key << 32 | key
  local padded = text .. string.rep("\0", -#text % 8)
  for at = 1, #padded, 8 do
    words[#words + 1] = string.pack(">I8", string.unpack(">I8", padded, at) ~ word)
  end
  return string.sub(table.concat(words), 1, #text)
end

function frame.encode(first, payload, key)
  local size = #payload
  local head
  if size < 126 then
    head = string.pack("BB", first, 128 | size)
  elseif size < 65536 then
    head = string.pack(">BBI2", first, 128 | 126, size)
  else
    head = string.pack(">BBI8", first, 128 | 127, size)
  end
  return head .. string.pack(">I4", key) .. mask(payload, key)
end

-- --- reading ---

local Reader = {}
Reader.__index = Reader

function Reader:add(text)
  self.input:add(text)
end

-- Returns the text and the position of its first unread byte, or nil if fewer than `size` bytes are
-- unread. The reader then waits for so many.
local function unread(self, size)
  local input = self.input
  self.needed = size
  if input:has(size) then
    return input.text, input.at
  end
end

local lengths = {[126] = {2, ">I2"}, [127] = {8, ">I8"}}

-- Returns the sizes of the head, of the masking key in it, and of the payload; nil if the head is
-- not there.
local function read_sizes(self)
  local text, at = unread(self, 2)
  if not text then
    return nil
  end
  local second = string.byte(text, at + 1)
  local length, key = lengths[second & 127], (second >> 7) * 4
  local head = 2 + (length and length[1] or 0) + key
  text, at = unread(self, head)
  if text then
    return head, key, length and string.unpack(length[2], text, at + 2) or second & 127
  end
end

-- Returns the first byte and the payload of the next frame; nil if it is not there, or false if it
-- is too large.
local function read_frame(self)
  local head, key, size = read_sizes(self)
  if not head then
    return nil
  elseif size < 0 or size > self.most then
    return false
  end
  local text, at = unread(self, head + size)
  if not text then
    return nil
  end
  local payload = string.sub(text, at + head, at + head + size - 1)
  if key > 0 then
    payload = mask(payload, string.unpack(">I4", text, at + head - key))
  end
  self.input:drop(head + size)
  self.needed = 2
  return string.byte(text, at), payload
end

-- Adds a frame of a message. Returns what next() does.
local function add_fragment(self, opcode, payload, is_last)
  if (opcode == 0) ~= (self.opcode ~= nil) then
    return false, OUT_OF_ORDER
  end
  self.opcode = self.opcode or opcode
  self.message[#self.message + 1] = payload
  self.message_size = self.message_size + math.max(#payload, PART)
  if self.message_size > self.most then
    return false, TOO_LARGE_MESSAGE
  elseif not is_last then
    return self:next()
  end
  opcode, payload = self.opcode, table.concat(self.message)
  self.opcode, self.message, self.message_size = nil, {}, 0
  return opcode, payload
end

function Reader:next()
  local first, payload
  if self.input.size >= self.needed then
    first, payload = read_frame(self)
  end
  if first == nil then
    return nil
  elseif not first then
    return false, TOO_LARGE_FRAME
  end
  local opcode, is_last = first & 15, first > 127
  if opcode < 8 then
    return add_fragment(self, opcode, payload, is_last)
  elseif not is_last or #payload > CONTROL then
    return false, OUT_OF_ORDER
  end
  return opcode, payload
end

function frame.reader(most)
  return setmetatable({most = most, input = pieces.new(), needed = 2, message = {}, message_size = 0}, Reader)
end

return frame
