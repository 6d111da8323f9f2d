-- pipe: a stream of bytes from one task to another, with a reader that is posted when something was written.
--
-- The reader's result decides whether it is posted again, as long as bytes are left: true, yes; false, not before
-- the next write; nil, if something was written or taken out meanwhile. An empty pipe calls no reader.

local device = require "netmcu.device.init"

local Pipe = {}
Pipe.__index = Pipe
Pipe.__name = "Pipe"

local CHUNK = 256 -- bytes of one record on the device, what nrec counts

-- self.text holds the bytes from self.from on, self.parts those written since; they are joined when read.
local function gather(self)
  if #self.parts > 0 then
    self.text = string.sub(self.text, self.from) .. table.concat(self.parts)
    self.from, self.parts = 1, {}
  end
  return self.text
end

local function length(self)
  return #gather(self) - self.from + 1
end

local function post(self)
  if self.callback and not self.posted then
    self.posted = true
    device.module("node").task.post(self.priority, self.run)
  end
end

local function run_reader(self)
  self.posted = false
  local before = length(self)
  if before == 0 then
    return
  end
  self.written = false
  local again = self.callback(self)
  if again == nil then
    again = self.written or length(self) < before
  end
  if again and length(self) > 0 then
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

-- How many bytes to take and how many of them to return.
local function measure(self, what)
  local text = gather(self)
  if type(what) == "number" then
    if what < 1 then
      error("bad argument #1 (invalid chunk size)", 3)
    end
    local size = math.min(what // 1 | 0, length(self))
    return size, size
  end
  what = what or "\n+"
  if #what ~= 1 and not (#what == 2 and string.sub(what, 2) == "+") then
    error("bad argument #1 (invalid delimiter)", 3)
  end
  local found = string.find(text, string.sub(what, 1, 1), self.from, true)
  if not found then
    return length(self), length(self)
  end
  local size = found - self.from + 1
  return size, #what == 2 and size or size - 1
end

function Pipe:read(what)
  check(self)
  local taken, returned = measure(self, what)
  if taken == 0 then
    return nil
  end
  local record = string.sub(self.text, self.from, self.from + returned - 1)
  self.from = self.from + taken
  if self.from > #self.text then
    self.text, self.from = "", 1
  end
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
    self.parts[#self.parts + 1] = text
    self.written = true
    post(self)
  end
end

function Pipe:unread(text)
  check(self)
  text = check_string(text)
  self.text, self.from = text .. string.sub(gather(self), self.from), 1
end

function Pipe:nrec()
  check(self)
  return (length(self) + CHUNK - 1) // CHUNK
end

Pipe.__tostring = function(self)
  return string.format("Pipe: %p", self)
end

local function create(reader, priority)
  if reader ~= nil and type(reader) ~= "function" then
    error("bad argument #1 to 'create' (function expected, got " .. type(reader) .. ")", 2)
  end
  if priority ~= nil and (type(priority) ~= "number" or priority < 0 or priority > 2) then
    error("bad argument #2 to 'create' (invalid priority)", 2)
  end
  local state = {text = "", from = 1, parts = {}, priority = priority or 1, callback = reader}
  local self = setmetatable(state, Pipe)
  self.run = function() run_reader(self) end
  return self
end

return {api = {create = create}}
