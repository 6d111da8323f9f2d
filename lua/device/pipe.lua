-- pipe: a stream of bytes from one task to another. A write posts the reader as a task.
--
-- While bytes are left, the reader's result decides whether it is posted again. After true it is.
-- After false it waits for the next write. After nil it is posted again if it has taken bytes out
-- or something was written meanwhile. An empty pipe does not call its reader.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"

local Pipe = {}
Pipe.__index = Pipe
Pipe.__name = "Pipe"

local CHUNK = 256 -- bytes of a record on the device; nrec counts records

-- The bytes are a queue of texts, self.texts[self.first] to self.texts[self.last], so that neither
-- a write nor an unread copies the others. self.starts has the position of the first unread byte of
-- each text.
local function add(self, index, text)
  self.texts[index], self.starts[index] = text, 1
  self.length = self.length + #text
end

-- Takes the first `size` bytes out of the pipe and returns them.
local function take(self, size)
  local pieces = {}
  self.length = self.length - size
  while size > 0 do
    local text, from = self.texts[self.first], self.starts[self.first]
    local piece = string.sub(text, from, from + size - 1)
    pieces[#pieces + 1] = piece
    size = size - #piece
    if from + #piece > #text then
      self.texts[self.first], self.starts[self.first] = nil, nil
      self.first = self.first + 1
    else
      self.starts[self.first] = from + #piece
    end
  end
  return table.concat(pieces)
end

-- Returns the number of bytes up to and including the first such character, or nil.
local function find_character(self, character)
  local before = 0
  for i = self.first, self.last do
    local text, from = self.texts[i], self.starts[i]
    local found = string.find(text, character, from, true)
    if found then
      return before + found - from + 1
    end
    before = before + #text - from + 1
  end
end

local function post(self)
  if self.callback and not self.posted then
    self.posted = true
    device.module("node").task.post(self.priority, self.run)
  end
end

local function run_reader(self)
  self.posted = false
  local before = self.length
  if before == 0 then
    return
  end
  self.written = false
  local again = self.callback(self)
  if again == nil then
    again = self.written or self.length < before
  end
  if again and self.length > 0 then
    post(self)
  end
end

local function check(self)
  if getmetatable(self) ~= Pipe then
    error("bad argument #1 (pipe table expected)", 3)
  end
end

local function check_string(text)
  if type(text) ~= "string" and type(text) ~= "number" then
    error("bad argument #2 (must be a string)", 3)
  end
  return tostring(text)
end

-- Returns how many bytes a read takes out, and how many of them it returns.
local function measure(self, what)
  if type(what) == "number" then
    if what < 1 then
      error("bad argument #1 (invalid chunk size)", 3)
    end
    local size = math.min(what // 1 | 0, self.length)
    return size, size
  end
  what = what or "\n+"
  if #what ~= 1 and not (#what == 2 and string.sub(what, 2) == "+") then
    error("bad argument #1 (invalid delimiter)", 3)
  end
  local size = find_character(self, string.sub(what, 1, 1))
  if not size then
    return self.length, self.length
  end
  return size, #what == 2 and size or size - 1
end

function Pipe:read(what)
  check(self)
  local taken, returned = measure(self, what)
  if taken == 0 then
    return nil
  end
  local record = take(self, returned)
  take(self, taken - returned)
  return record
end

function Pipe:reader(what)
  check(self)
  return function()
    return self:read(what)
  end
end

function Pipe:write(text)
  check(self)
  text = check_string(text)
  if #text > 0 then
    self.last = self.last + 1
    add(self, self.last, text)
    self.written = true
    post(self)
  end
end

function Pipe:unread(text)
  check(self)
  text = check_string(text)
  if #text > 0 then
    self.first = self.first - 1
    add(self, self.first, text)
  end
end

function Pipe:nrec()
  check(self)
  return (self.length + CHUNK - 1) // CHUNK
end

Pipe.__tostring = function(self)
  return string.format("Pipe: %p", self)
end

local function create(reader, priority)
  if reader ~= nil then
    argument.typed(reader, 1, "create", "function")
  end
  argument.check(priority == nil or type(priority) == "number" and priority >= 0 and priority <= 2, 2, "create",
    "invalid priority")
  local state = {texts = {}, starts = {}, first = 1, last = 0, length = 0, priority = priority or 1, callback = reader}
  local self = setmetatable(state, Pipe)
  self.run = function() run_reader(self) end
  return self
end

return {api = {create = create}}
