-- Messages of CoAP (RFC 7252) and the URIs of requests. There is no I/O here.
--
-- A message has
--   type      packet.CON, NON, ACK or RST
--   code      class << 5 | detail: 1 to 4 are requests, 69 is the answer 2.05, 0 an empty message
--   id        a number of 16 bits, which its acknowledgement repeats
--   token     0 to 8 bytes, which the answer repeats
--   options   a list of {number =, value =}, by increasing numbers
--   payload   a string

local packet = {CON = 0, NON = 1, ACK = 2, RST = 3}

packet.methods = {get = 1, post = 2, put = 3, delete = 4}

packet.URI_HOST, packet.URI_PORT, packet.URI_PATH, packet.CONTENT_FORMAT, packet.URI_QUERY = 3, 7, 11, 12, 15
packet.ACCEPT = 17

local PORT = 5683
local OPTION = 65804   -- bytes at most that the head of an option can count
local DATAGRAM = 65507 -- bytes at most of a message
local OPTIONS = 64     -- at most of a message that is read; the device reads 16

-- --- numbers in the head of an option ---

-- Returns the four bits for a number, and the bytes that follow the head.
local function split_number(number)
  if number < 13 then
    return number, ""
  elseif number < 269 then
    return 13, string.char(number - 13)
  end
  return 14, string.pack(">I2", number - 269)
end

-- Returns the number for these four bits, and where the next one begins. Returns nil if it is
-- incomplete or reserved.
local function read_number(bits, bytes, at)
  if bits < 13 then
    return bits, at
  elseif bits == 13 and at <= #bytes then
    return string.byte(bytes, at) + 13, at + 1
  elseif bits == 14 and at < #bytes then
    return string.unpack(">I2", bytes, at) + 269, at + 2
  end
end

-- Returns a number as the value of an option: without leading zeros.
function packet.number(value)
  return (string.gsub(string.pack(">I4", value), "^\0+", ""))
end

-- --- messages ---

-- Returns the bytes of a message, or nil if it does not fit into a datagram.
function packet.encode(message)
  local parts = {
    string.pack(">BBI2", 0x40 | message.type << 4 | #(message.token or ""), message.code, message.id), message.token,
  }
  local before = 0
  for _, option in ipairs(message.options or {}) do
    if #option.value > OPTION then
      return nil
    end
    local delta, more_delta = split_number(option.number - before)
    local size, more_size = split_number(#option.value)
    table.insert(parts, string.char(delta << 4 | size) .. more_delta .. more_size .. option.value)
    before = option.number
  end
  if message.payload and message.payload ~= "" then
    table.insert(parts, "\xff" .. message.payload)
  end
  local bytes = table.concat(parts)
  return #bytes <= DATAGRAM and bytes or nil
end

-- Returns the option, and where the next one begins; nil if it is malformed.
local function read_option(bytes, at, before)
  local head = string.byte(bytes, at)
  local delta, next_at = read_number(head >> 4, bytes, at + 1)
  if not delta then
    return nil
  end
  local size, from = read_number(head & 15, bytes, next_at)
  if not size or from + size - 1 > #bytes or before + delta > 65535 then
    return nil
  end
  return {number = before + delta, value = string.sub(bytes, from, from + size - 1)}, from + size
end

-- Reads options and payload into the message. Returns false if they are malformed.
local function read_rest(message, bytes, at)
  local before = 0
  while at <= #bytes and string.byte(bytes, at) ~= 0xff do
    local option
    option, at = read_option(bytes, at, before)
    if not option or #message.options == OPTIONS then
      return false
    end
    before = option.number
    table.insert(message.options, option)
  end
  message.payload = string.sub(bytes, at + 1)
  return at ~= #bytes -- a mark without a payload is malformed
end

-- Returns the message of a datagram. Returns nil if it is not CoAP. If only a part is wrong, also
-- returns nil, and then the message with its type and id, so that it can be rejected.
function packet.decode(bytes)
  if #bytes < 4 or string.byte(bytes) >> 6 ~= 1 then
    return nil
  end
  local first, code, id = string.unpack(">BBI2", bytes)
  local size = first & 15
  local message = {type = first >> 4 & 3, code = code, id = id, options = {}, payload = ""}
  message.token = string.sub(bytes, 5, 4 + size)
  local complete = size <= 8 and #message.token == size and (code ~= 0 or #bytes == 4)
  if complete and read_rest(message, bytes, 5 + size) then
    return message
  end
  return nil, message
end

-- Returns the values of all options of this number.
function packet.values(message, number)
  local list = {}
  for _, option in ipairs(message.options) do
    if option.number == number then
      table.insert(list, option.value)
    end
  end
  return list
end

-- --- URIs ---

-- Adds an option for each part of the text between separators. Parts of one or two dots are left
-- out, as on the device. Returns false if a part is malformed.
local function add_parts(options, number, text, separator)
  for part in string.gmatch(text, "[^" .. separator .. "]+") do
    if string.find(string.gsub(part, "%%%x%x", ""), "%", 1, true) then
      return false
    end
    local value = string.gsub(part, "%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end)
    if value ~= "." and value ~= ".." then
      table.insert(options, {number = number, value = value})
    end
  end
  return true
end

-- Returns the host, the port and the options of a request for the URI, or nil if it is malformed.
function packet.parse_uri(uri)
  local host, rest = string.match(uri, "^[cC][oO][aA][pP]://([^:/?#]+)(.*)$")
  if not host then
    return nil
  end
  local port, path, query = string.match(rest, "^:?(%d*)(/?[^?#]*)%??([^#]*)")
  local number = port == "" and PORT or tonumber(port)
  if number == 0 or number > 65535 or path ~= "" and string.sub(path, 1, 1) ~= "/" then
    return nil
  end
  local options = {{number = packet.URI_HOST, value = string.lower(host)}}
  if number ~= PORT then
    table.insert(options, {number = packet.URI_PORT, value = packet.number(number)})
  end
  if add_parts(options, packet.URI_PATH, path, "/") and add_parts(options, packet.URI_QUERY, query, "&") then
    return host, number, options
  end
end

return packet
