-- The reader of HTTP responses gives the same result however the response is cut, and refuses what
-- breaks the protocol or a limit.

local new = require "netmcu.device.http_response".new

local function read(text, is_head, cut)
  local response = new(is_head)
  local result, at = response:feed(text:sub(1, cut))
  if result == nil then
    result, at = response:feed(text:sub(cut + 1))
    at = at + cut
  end
  return response, result, at
end

-- Gives the text in two pieces, cut anywhere, and byte by byte.
local function each_cut(text, is_head, check)
  for cut = 0, #text do
    check(read(text, is_head, cut))
  end
  local response, result = new(is_head), nil
  for i = 1, #text do
    result = response:feed(text:sub(i, i))
    if result ~= nil then
      break
    end
  end
  check(response, result)
end

local function complete(text, status, body, is_head, rest)
  each_cut(text .. (rest or ""), is_head, function(response, result, at)
    assert(result == true and response.status == status and response:body() == body, text)
    assert(at == nil or at == #text + 1, text)
  end)
  for cut = 0, #text - 1 do -- a part of it is not complete, not even at the end of the connection
    local response = new(is_head)
    assert(response:feed(text:sub(1, cut)) == nil and not response:finish(), text:sub(1, cut))
  end
end

local function refused(text)
  each_cut(text, false, function(response, result)
    assert(result == false and response:finish() == false, text)
  end)
end

local ok = "HTTP/1.1 200 OK\r\n"
complete(ok .. "Content-Length: 5\r\n\r\nhello", 200, "hello", false, "rest")
complete("HTTP/1.0 404 Not Found\nContent-Length: 2\n\n\0\n", 404, "\0\n")
complete("HTTP/1.1 500\r\ncontent-length:0\r\n\r\n", 500, "")
complete("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, "", false, "hello")
complete("HTTP/1.1 304 Not Modified\r\n\r\n", 304, "", false, "x")
complete("HTTP/1.1 101 Switching Protocols\r\n\r\n", 101, "", false, "\x81\0")
complete(ok .. "Content-Length: 5\r\n\r\n", 200, "", true)
complete("HTTP/1.1 100 Continue\r\nA: 1\r\n\r\n" .. ok .. "Content-Length: 1\r\n\r\nx", 200, "x")
complete(ok .. "Transfer-Encoding: Chunked\r\nContent-Length: 99\r\n\r\n0003\r\nabc\r\nA;name=value\r\n0123456789\r\n"
  .. "0\r\nTrailer: 1\r\n\r\n", 200, "abc0123456789", false, "rest")

-- A body without a length ends with the connection.
each_cut(ok .. "\r\nuntil the end", false, function(response, result)
  assert(result == nil and response:finish() and response:body() == "until the end")
end)
local empty = new()
assert(empty:feed(ok .. "\r\n") == nil and empty:finish() and empty:body() == "")

-- Names are in lower case, and the last of several equal headers counts.
local head = "X-First:  a b  \r\nSET-cookie: 1\r\nno colon here\r\nSet-Cookie: 2:3\r\nEmpty:\r\n"
each_cut(ok .. head .. "Content-Length: 0\r\n\r\n", false, function(response)
  local headers = response.headers
  assert(headers["x-first"] == "a b" and headers["set-cookie"] == "2:3" and headers.empty == "")
  headers["x-first"], headers["set-cookie"], headers.empty, headers["content-length"] = nil, nil, nil, nil
  assert(next(headers) == nil)
end)

for _, text in ipairs {
  "HTTP/2.0 200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n", "HTTP/1.1 OK\r\n", "ICY 200 OK\r\n", "\r\n",
  ok .. "Content-Length: five\r\n\r\n", ok .. "Content-Length: -1\r\n\r\n", ok .. "Content-Length: 123456789\r\n\r\n",
  ok .. "Transfer-Encoding: chunked\r\n\r\nx\r\n", ok .. "Transfer-Encoding: chunked\r\n\r\n\r\n",
  ok .. "Transfer-Encoding: chunked\r\n\r\n100000000\r\n", ok .. "Transfer-Encoding: chunked\r\n\r\n1 x\r\n",
  ok .. "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
} do
  refused(text)
end

-- The limits: 64 KiB of lines before the body, and 16 MiB of body.
local function feed_until_refused(response, piece, most)
  local size = 0
  while response:feed(piece) == nil do
    size = size + #piece
    assert(size <= most, "no limit")
  end
  assert(response.is_complete == false)
  return size
end

assert(feed_until_refused(new(), ("x"):rep(1000), 65536) >= 64536)
local interim = new()
feed_until_refused(interim, "HTTP/1.1 100 Continue\r\n\r\n", 65536)
for _, header in ipairs {"", "Transfer-Encoding: chunked\r\n"} do
  local response = new()
  assert(response:feed(ok .. header .. "\r\n") == nil)
  local piece = ("x"):rep(0x100000)
  local size = feed_until_refused(response, header == "" and piece or "100000\r\n" .. piece .. "\r\n", 0x1000100)
  assert(size >= 0x1000000)
end

-- A piece of a body costs memory of its own, so a body in small chunks may be less large.
local small = new()
small:feed(ok .. "Transfer-Encoding: chunked\r\n\r\n")
feed_until_refused(small, ("1\r\nx\r\n"):rep(1000), 0x1000000)

-- A line of blanks does not take the reader quadratic time, which would be more than ten seconds.
local started = os.clock()
local blanks = (" "):rep(65000)
local padded = new()
assert(padded:feed(ok .. "A: x" .. blanks .. "y" .. blanks:sub(1, 100) .. "\r\n\r\n") == nil)
assert(padded.headers.a == "x" .. blanks .. "y")
assert(new():feed(ok .. "A:" .. blanks .. "\r\n\r\n") == nil)
assert(os.clock() - started < 5)

-- Single bytes do not take the reader quadratic time.
local slow = new()
slow:feed(ok)
for _ = 1, 60000 do
  assert(slow:feed "x" == nil)
end
