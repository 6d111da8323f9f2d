-- The decoders of netmcu that are written in Lua, for fuzz_lua.c. A decoder is a file
-- lua/device/X.lua that needs nothing but Lua and other such files. To fuzz one, add an entry below,
-- and inputs in corpus/X.
--
-- An entry takes the decoder and an input. It raises an error if the decoder does not document such
-- a result. Errors of the decoder itself count as well.

local source, name = ...
local decoders = {}

-- Returns the input in two pieces for a decoder that takes a stream. Its first byte says where to
-- cut the rest.
local function cut(input)
  local at = (string.byte(input) or 0) + 1
  return string.sub(input, 2, at), string.sub(input, at + 1)
end

-- Fails if the two values, which may be tables, differ.
local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return assert(a == b, "the pieces change the result")
  end
  for key in pairs(a) do
    same(a[key], b[key])
  end
  for key in pairs(b) do
    same(a[key], b[key])
  end
end

-- Gives the pieces to a reader. Returns a list of what all calls of next() return, up to the first
-- call that returns false. The list is flat because memory is limited.
local function read_all(reader, ...)
  local results = {}
  for _, piece in ipairs {...} do
    reader:add(piece)
    for result, payload in reader.next, reader do
      results[#results + 1] = result
      results[#results + 1] = payload
      if not result then
        return results
      end
    end
  end
  return results
end

-- The first packet of a broker is always the same, so it is not part of the input.
function decoders.mqtt_packet(packet, input)
  local first, second = cut(input)
  local connack = "\x20\2\0\0"
  local results = read_all(packet.reader(64), connack .. first .. second)
  for _, result in ipairs(results) do
    assert(result == false or type(result.kind) == "string" and result.id ~= 0)
    assert(result == false or result.kind ~= "publish" or result.topic ~= "" and #result.payload <= 64)
  end
  same(results, read_all(packet.reader(64), connack, first, second))
end

function decoders.ntp_packet(packet, input)
  local reply = packet.decode(input)
  assert((reply == nil) == (#input < 48))
  if reply then
    local ahead, delay = packet.compare(reply, reply.origin)
    assert(math.type(packet.microseconds(ahead)) == "integer" and math.type(packet.microseconds(delay)) == "integer")
  end
end

function decoders.mdns_message(codec, input)
  local message = codec.decode(input)
  if not message then
    return
  end
  for _, question in ipairs(message.questions) do
    assert(#question.name <= 255 and string.sub(question.name, -1) == "\0")
  end
  local again = codec.decode(codec.response(message.records, {}, message.id, message.questions))
  assert(again or #input > 1000, "what it writes, it can read, unless the names were compressed")
  if again then
    assert(again.id == message.id and #again.records == #message.records)
  end
end

-- Gives the pieces to a reader of HTTP responses. Returns what a program sees.
local function read_response(response, ...)
  local size, result, at = 0, nil, 1
  for _, piece in ipairs {...} do
    if result == nil then
      result, at = response:feed(piece)
      at, size = size + at, size + #piece
    end
  end
  assert(at <= size + 1 and (result ~= nil or at == size + 1))
  return {result, at, response:finish(), response:body(), response.status or 0, response.headers}
end

function decoders.http_response(http_response, input)
  local first, second = cut(input)
  local whole = read_response(http_response.new(false), first .. second)
  assert(whole[1] ~= true or whole[3] and whole[5] >= 101 and whole[5] <= 999)
  for name, value in pairs(whole[6]) do
    assert(name == string.lower(name) and not string.find(name .. value, "\n"))
  end
  same(whole, read_response(http_response.new(false), first, second))
end

function decoders.websocket_frame(frame, input)
  local first, second = cut(input)
  local results = read_all(frame.reader(64), first .. second)
  for i = 1, #results, 2 do
    local opcode, payload = results[i], results[i + 1]
    assert(opcode == false and payload < 0 or opcode and (opcode > 7 and opcode < 16 or #payload <= 64))
  end
  same(results, read_all(frame.reader(64), first, second))
end

-- What is decoded is encoded to the same bytes, if its numbers are written as shortly as possible.
function decoders.coap_packet(packet, input)
  local message, half = packet.decode(input)
  assert(message == nil or half == nil)
  if message then
    same(message, packet.decode(packet.encode(message)))
    assert(#packet.encode(message) <= #input)
  end
  local host, port, options = packet.parse_uri("coap://" .. input)
  if host then
    assert(port > 0 and port < 65536 and options[1].value ~= "" and #options <= #input + 2)
    packet.encode {type = 0, code = 1, id = 0, options = options}
  end
end

-- A form becomes Lua source that says the same. A DNS query is shorter than its answer.
function decoders.enduser_setup_request(request, input)
  local asked = request.read(input)
  assert(not asked or string.find(asked.method, "^%u+$") and not string.find(asked.path .. asked.query, "[ \n]"))
  local form = request.form(asked and asked.body or input)
  local params = assert(load(request.params(form), "=params", "t", {}))()
  for _, field in ipairs(form) do
    assert(params[field[1]] == request.field(form, field[1]))
  end
  local answer = request.answer(input, "192.168.4.1")
  assert(not answer or string.sub(answer, 1, 2) == string.sub(input, 1, 2) and #answer <= #input + 16)
end

-- --- the entry that the program calls ---

local loaded = {}

function require(module)
  local path = string.gsub(string.gsub(module, "^netmcu%.", "/lua/"), "%.", "/")
  loaded[module] = loaded[module] or assert(loadfile(source .. path .. ".lua"))(module)
  return loaded[module]
end

local check = assert(decoders[name], "no decoder has this name")
local decoder = require("netmcu.device." .. name)
io, os, debug.sethook = nil, nil, nil

return function(input)
  check(decoder, input)
end
