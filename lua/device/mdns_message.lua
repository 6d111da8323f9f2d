-- Messages of multicast DNS (RFC 6762), which have the format of DNS messages.
--
-- A name is in wire form without compression: each label after its length, and an empty label at
-- the end. Labels may contain dots. Compare names by their keys, as upper and lower case are equal.

local mdns_message = {}

mdns_message.types = {A = 1, PTR = 12, TXT = 16, SRV = 33, NSEC = 47, ANY = 255}

local RESPONSE = 0x8400 -- of the authority for the name
local QUERY_MASK = 0xf800       -- of the flags: a response, or another operation than a query
local IN, ANY_CLASS, TOP = 1, 255, 0x8000 -- the top bit of a class has meanings of its own
local LABEL, NAME, MESSAGE = 63, 255, 9000 -- bytes at most
local POINTERS = 127 -- as many as a name has labels; more of them lead in a circle

-- --- names ---

-- Returns a name, or nil if a label is empty or too long.
function mdns_message.name(...)
  local labels = {}
  for i, label in ipairs {...} do
    if #label == 0 or #label > LABEL then
      return nil
    end
    labels[i] = string.pack("s1", label)
  end
  local name = table.concat(labels) .. "\0"
  return #name <= NAME and name or nil
end

-- The lengths of labels are less than the codes of letters.
function mdns_message.key(name)
  return string.lower(name)
end

-- Returns the name at the position and the position after it, or nil.
local function read_name(data, at)
  local labels, size, pointers, after = {}, 1, 0, nil
  while size <= NAME and pointers <= POINTERS do
    local length = string.byte(data, at)
    if length == 0 then
      return table.concat(labels) .. "\0", after or at + 1
    elseif not length then
      return nil
    elseif length >= 0xc0 then
      local low = string.byte(data, at + 1)
      after, pointers = after or at + 2, pointers + 1
      at = ((length & 0x3f) << 8 | (low or 0x3fff)) + 1
    elseif length > LABEL or at + length > #data then
      return nil
    else
      labels[#labels + 1] = string.sub(data, at, at + length)
      at, size = at + length + 1, size + length + 1
    end
  end
end

-- --- messages ---

local function read_question(data, at)
  local name, after = read_name(data, at)
  if not name or after + 3 > #data then
    return nil
  end
  local kind, class = string.unpack(">I2I2", data, after)
  local wants_unicast, plain = class & TOP ~= 0, class & ~TOP
  return {name = name, type = kind, wants_unicast = wants_unicast, is_internet = plain == IN or plain == ANY_CLASS},
    after + 4
end

-- PTR and SRV records name a target.
local function read_target(data, record, at)
  local skip = record.type == mdns_message.types.SRV and 6 or record.type == mdns_message.types.PTR and 0
  return skip and #record.data >= skip and read_name(data, at + skip) or nil
end

local function read_record(data, at)
  local name, after = read_name(data, at)
  if not name or after + 9 > #data then
    return nil
  end
  local kind, class, ttl, size, start = string.unpack(">I2I2I4I2", data, after)
  if start + size - 1 > #data then
    return nil
  end
  local record = {name = name, type = kind, ttl = ttl, is_unique = class & TOP ~= 0,
    data = string.sub(data, start, start + size - 1)}
  record.target = read_target(data, record, start)
  return record, start + size
end

local function read_list(data, at, count, read)
  local list = {}
  for i = 1, count do
    list[i], at = read(data, at)
    if not list[i] then
      return nil
    end
  end
  return list, at
end

-- Returns {id, is_query, questions, records}, or nil if the data is not a message. The records are
-- those of all sections.
function mdns_message.decode(data)
  if #data < 12 or #data > MESSAGE then
    return nil
  end
  local id, flags, questions, answers, authorities, additional, at = string.unpack(">I2I2I2I2I2I2", data)
  local message, records = {id = id, is_query = flags & QUERY_MASK == 0}, nil
  message.questions, at = read_list(data, at, questions, read_question)
  if message.questions then
    records = read_list(data, at, answers + authorities + additional, read_record)
  end
  message.records = records
  return records and message
end

local function write_record(record)
  local class = IN | (record.is_unique and TOP or 0)
  return record.name .. string.pack(">I2I2I4s2", record.type, class, record.ttl, record.data)
end

local function write_list(list, write)
  local texts = {}
  for i, item in ipairs(list) do
    texts[i] = write(item)
  end
  return table.concat(texts)
end

local function write_question(question)
  return question.name .. string.pack(">I2I2", question.type, IN | (question.wants_unicast and TOP or 0))
end

-- Returns a query.
function mdns_message.query(questions)
  return string.pack(">I2I2I2I2I2I2", 0, 0, #questions, 0, 0, 0) .. write_list(questions, write_question)
end

-- Returns a response. It repeats the id and the questions only for a client that does not use
-- multicast DNS.
function mdns_message.response(answers, additional, id, questions)
  questions = questions or {}
  return string.pack(">I2I2I2I2I2I2", id or 0, RESPONSE, #questions, #answers, 0, #additional) ..
    write_list(questions, write_question) .. write_list(answers, write_record) .. write_list(additional, write_record)
end

-- Returns the data of a record of these types.

function mdns_message.address(ip)
  local a, b, c, d = string.match(ip, "^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return string.pack("BBBB", a, b, c, d)
end

function mdns_message.service(port, target)
  return string.pack(">I2I2I2", 0, 0, port) .. target
end

function mdns_message.text(strings)
  return #strings > 0 and write_list(strings, function(text) return string.pack("s1", text) end) or "\0"
end

-- Says that the name has records of these types, all below 64, and no others.
function mdns_message.only(name, kinds)
  local bits = {0, 0, 0, 0, 0, 0, 0, 0}
  local last = 0
  for _, kind in ipairs(kinds) do
    local byte = kind // 8 + 1
    bits[byte], last = bits[byte] | 0x80 >> kind % 8, math.max(last, byte)
  end
  return name .. "\0" .. string.pack("s1", string.char(table.unpack(bits, 1, last)))
end

return mdns_message
