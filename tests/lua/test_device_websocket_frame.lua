-- The frames of WebSockets: what a client writes, and what the reader makes of any cut of a stream.

local frame = require "netmcu.device.websocket_frame"

local KEY = 0x37fa213d

local function server_frame(first, payload, length)
  length = length or #payload
  local head = length < 126 and string.pack("BB", first, length)
    or length < 65536 and string.pack(">BBI2", first, 126, length) or string.pack(">BBI8", first, 127, length)
  return head .. payload
end

-- Reads the stream in pieces of this size. Returns the messages as a list of "opcode payload", and
-- the status that ended it.
local function read(stream, size, most)
  local reader, messages = frame.reader(most or 1000000), {}
  for at = 1, #stream, size do
    reader:add(stream:sub(at, at + size - 1))
    local opcode, payload = reader:next()
    while opcode do
      messages[#messages + 1] = opcode .. " " .. payload
      opcode, payload = reader:next()
    end
    if opcode == false then
      return messages, payload
    end
  end
  return messages
end

local function check(stream, expected, status, most)
  for _, size in ipairs {1, 2, 3, 7, 1460, #stream} do
    local messages, ended = read(stream, size, most)
    assert(ended == status, ("%s, not %s"):format(ended, status))
    assert(table.concat(messages, "|") == table.concat(expected, "|"), table.concat(messages, "|"):sub(1, 1000))
  end
end

-- RFC 6455, 5.7: "Hello", masked and not.
assert(frame.encode(0x81, "Hello", KEY) == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")
check("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x81\5Hello", {"1 Hello", "1 Hello"})

-- All sizes, in both directions.
for _, size in ipairs {0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 70001} do
  local payload = ("\0\xffnetmcu\x81"):rep(size // 9 + 1):sub(1, size)
  check(frame.encode(0x82, payload, KEY) .. server_frame(0x82, payload), {"2 " .. payload, "2 " .. payload})
end

-- Messages in parts, with control frames between them.
check(server_frame(1, "a") .. server_frame(0x89, "ping") .. server_frame(0, "") .. server_frame(0x80, "b")
  .. server_frame(0x82, "c") .. server_frame(0x88, "\3\xe8"), {"9 ping", "1 ab", "2 c", "8 \3\xe8"})

-- What the device reports as -15: a part of no message, a new message within a message, a control
-- frame in parts.
check(server_frame(0x81, "a") .. server_frame(0x80, "b"), {"1 a"}, -15)
check(server_frame(0, "b"), {}, -15)
check(server_frame(1, "a") .. server_frame(0x81, "b"), {}, -15)
check(server_frame(1, "a") .. server_frame(1, "b"), {}, -15)
check(server_frame(9, ""), {}, -15)

-- Too large: a frame, as soon as its head is there, and a message in parts.
check(server_frame(0x81, ("x"):rep(1000)) .. server_frame(0x81, "", 1001), {"1 " .. ("x"):rep(1000)}, -9, 1000)
check(server_frame(0x81, "", 1 << 62), {}, -9)
check("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", {}, -9)
check(server_frame(1, ("x"):rep(600)) .. server_frame(0x80, ("x"):rep(401)), {}, -11, 1000)

-- A message of endless parts without content is too large, too: each part costs memory.
local endless = frame.reader(100000)
endless:add "\1\0"
local status
for _ = 1, 100 do
  endless:add(("\0\0"):rep(100))
  status = select(2, endless:next()) or status
end
assert(status == -11)

-- Single bytes do not take the reader quadratic time.
local slow = frame.reader(1000000)
slow:add(server_frame(0x81, "", 100000))
for _ = 1, 99999 do
  slow:add "x"
  assert(slow:next() == nil)
end
slow:add "x"
assert(select(2, slow:next()) == ("x"):rep(100000))
