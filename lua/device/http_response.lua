-- Reads an HTTP response that arrives in pieces of any size. This file does no I/O.
--
--   local response = http_response.new(is_head)   is_head: there is no body, as after a HEAD
--   response:feed(text)      returns true once the response is complete, and the position behind it
--                            in the text; false if it breaks the protocol or a limit; nil if more
--                            must come
--   response:finish()        tells it that the peer has ended the connection; returns whether the
--                            response is complete
--   response.status          the number, from the end of the first line on
--   response.headers         the values by lower-case name; the last of several equal headers wins
--   response:body()          the body without its transfer encoding

local MOST_HEAD = 65536    -- bytes of all lines before the body, and of each line in it
local MOST_BODY = 16777216 -- bytes
local PIECE = 64           -- bytes that a shorter piece of a body counts as, because it takes that much memory

local Response = {}
Response.__index = Response

local take_line, take_body
local on_status, on_chunk_size

-- --- lines ---

local function expect_line(self, handler)
  self.take, self.on_line = take_line, handler
end

-- Each kind of content is taken by a function that returns the position behind what it took.
function take_line(self, text, at)
  local stop = string.find(text, "\n", at, true)
  local piece = string.sub(text, at, stop)
  self.line[#self.line + 1] = piece
  self.room = self.room - #piece
  if self.room < 0 then
    self.is_complete = false
  elseif stop then
    local line = string.gsub(table.concat(self.line), "\r?\n$", "")
    self.line = {}
    self.on_line(self, line)
  end
  return at + #piece
end

-- --- the body ---

local function expect_body(self, size)
  self.take, self.left = take_body, size
end

function take_body(self, text, at)
  local piece = string.sub(text, at, self.left and at + self.left - 1)
  self.pieces[#self.pieces + 1] = piece
  self.size = self.size + math.max(#piece, PIECE)
  if self.size > MOST_BODY then
    self.is_complete = false
  elseif self.left then
    self.left = self.left - #piece
    if self.left == 0 then
      self:on_body_end()
    end
  end
  return at + #piece
end

local function complete(self)
  self.is_complete = true
end

local function on_trailer(self, line)
  if line == "" then
    complete(self)
  end
end

local function on_chunk_end(self, line)
  self.room = MOST_HEAD
  expect_line(self, on_chunk_size)
  if line ~= "" then
    self.is_complete = false
  end
end

function on_chunk_size(self, line)
  local digits = string.match(line, "^(%x+)%s*$") or string.match(line, "^(%x+)%s*;")
  local size = digits and #digits <= 8 and tonumber(digits, 16)
  if not size then
    self.is_complete = false
  elseif size == 0 then
    expect_line(self, on_trailer)
  else
    self.on_body_end = function() expect_line(self, on_chunk_end) end
    expect_body(self, size)
  end
end

local function begin_body(self)
  local encoding, length = self.headers["transfer-encoding"], self.headers["content-length"]
  if self.is_head or self.status == 101 or self.status == 204 or self.status == 304 then
    complete(self)
  elseif encoding and string.find(string.lower(encoding), "chunked", 1, true) then
    expect_line(self, on_chunk_size)
  elseif not length then
    expect_body(self)
  elseif not string.find(length, "^%d+$") or #length > 8 then
    self.is_complete = false
  elseif tonumber(length) == 0 then
    complete(self)
  else
    self.on_body_end = complete
    expect_body(self, tonumber(length))
  end
end

-- --- the head ---

-- Lines without a colon are ignored. An interim response, such as "100 Continue", is followed by
-- another response.
local function on_header(self, line)
  local name, value = string.match(line, "^([^:]+):%s*(.*)$")
  if name then
    self.headers[string.lower(name)] = string.match(value, "^.*%S") or ""
  elseif line ~= "" then
    return
  elseif self.status < 200 and self.status ~= 101 then
    self.status, self.headers = nil, {}
    expect_line(self, on_status)
  else
    begin_body(self)
  end
end

function on_status(self, line)
  self.status = tonumber(string.match(line, "^HTTP/1%.[01] +(%d%d%d)%f[%D]"))
  if self.status then
    expect_line(self, on_header)
  else
    self.is_complete = false
  end
end

-- --- the interface ---

function Response:feed(text)
  local at = 1
  while self.is_complete == nil and at <= #text do
    at = self.take(self, text, at)
  end
  return self.is_complete, at
end

function Response:finish()
  self.is_complete = self.is_complete or self.is_complete == nil and self.take == take_body and self.left == nil
  return self.is_complete
end

function Response:body()
  return table.concat(self.pieces)
end

local function new(is_head)
  local self = setmetatable({
    is_head = is_head, headers = {}, line = {}, pieces = {}, room = MOST_HEAD, size = 0,
  }, Response)
  expect_line(self, on_status)
  return self
end

return {new = new}
