-- file: a folder of this machine as the flash. folder.h describes the folder. No name leads out of
-- it.
--
-- There are two styles: file.open returns an object, and makes it the current file, which the
-- functions file.read, file.write … use. A function of an object that is called without the object
-- uses the current file, too.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local flash = require "netmcu.device.flash"

local CHUNK = 1024 -- bytes read by default, and the most that a line or a search for a character returns
local NAME = 31    -- bytes of a name on the device

local file = {}
local File = {}
File.__index = File
File.__name = "file.obj"

local current

local function check_name(name, caller, position)
  return flash.name(argument.text(name, position or 1, caller))
end

local function warn_of_length(name)
  if #name > NAME then
    argument.warn("file.name", string.format("a name of %d bytes: the device takes %d", #name, NAME))
  end
end

-- --- an open file ---

-- The device reports a full flash at the write that no longer fits. A buffer would postpone that to
-- the close, which returns nothing.
local function wrap(handle, name, mode)
  local kind, update = string.sub(mode, 1, 1), string.find(mode, "+", 1, true)
  local self = {handle = handle, name = name, is_writable = kind ~= "r" or update ~= nil, appends = kind == "a"}
  if self.is_writable then
    handle:setvbuf "no"
    flash.folder():changed(name)
  end
  return setmetatable(self, File)
end

local function handle_of(self)
  if not self or not self.handle then
    argument.raise "open a file first"
  end
  return self.handle
end

-- C requires a call that sets the position between reading and writing.
local function take_turn(self, turn)
  if self.turn and self.turn ~= turn then
    self.handle:seek("cur", 0)
  end
  self.turn = turn
end

local function bytes_left(handle)
  local position = handle:seek("cur", 0)
  local size = handle:seek("end", 0)
  handle:seek("set", position)
  return size - position
end

local function read_until(handle, character)
  local text = handle:read(CHUNK)
  local found = text and string.find(text, character, 1, true)
  if found and found < #text then
    handle:seek("cur", found - #text)
    text = string.sub(text, 1, found)
  end
  return text
end

-- As on the device, a string is a character to stop at, even if it looks like a number.
function File:read(what)
  local handle = handle_of(self)
  take_turn(self, "read")
  if type(what) == "string" then
    if #what ~= 1 then
      argument.raise "wrong arg range"
    end
    return read_until(handle, what)
  end
  local count = type(what) == "number" and argument.integer(what, 1, "read") or CHUNK
  if count > CHUNK then -- Lua takes memory for as much as it is to read
    count = math.max(1, math.min(count, bytes_left(handle)))
  end
  return handle:read(count > 0 and count or CHUNK)
end

function File:readline()
  local handle = handle_of(self)
  take_turn(self, "read")
  return read_until(handle, "\n")
end

-- A file that appends begins at 0, for reading, and goes to its end with every write.
local function write(self, text)
  take_turn(self, "write")
  if self.appends then
    self.handle:seek("end", 0)
  end
  self.failed = not (self.is_writable and self.handle:write(text))
  flash.folder():changed(self.name)
  return not self.failed or nil
end

function File:write(text)
  handle_of(self)
  return write(self, argument.text(text, 1, "write"))
end

function File:writeline(text)
  handle_of(self)
  return write(self, argument.text(text, 1, "writeline") .. "\n")
end

function File:seek(whence, offset)
  local handle = handle_of(self)
  whence = whence == nil and "cur" or argument.text(whence, 1, "seek")
  local bases = {set = 0, cur = handle:seek("cur", 0), ["end"] = false}
  argument.check(bases[whence] ~= nil, 1, "seek", "invalid option '" .. whence .. "'")
  local distance = offset == nil and 0 or argument.integer(offset, 2, "seek")
  local size = handle:seek("end", 0)
  local target = (bases[whence] or size) + distance
  if target < 0 or target > size then
    handle:seek("set", bases.cur)
    return nil
  end
  self.turn = nil
  return handle:seek("set", target)
end

-- Nothing waits in a buffer. A flush after a write that failed reports that the data is not there.
function File:flush()
  handle_of(self)
  return not self.failed or nil
end

function File:close()
  if not self then
    return
  end
  if self.handle then
    self.handle:close()
    self.handle = nil
  end
  if current == self then
    current = nil
  end
end

File.__tostring = function(self)
  return string.format("file.obj: %p", self)
end

-- "x.read(5)" on an object or on the module reads from the current file, "x:read(5)" from x. No
-- function takes a table as an argument, so a table that is not an object is the module.
for name, method in pairs(File) do
  if type(method) == "function" and string.sub(name, 1, 2) ~= "__" then
    local function either(first, ...)
      if getmetatable(first) == File then
        return method(first, ...)
      elseif type(first) == "table" then
        return method(current, ...)
      end
      return method(current, first, ...)
    end
    File[name], file[name] = either, either
  end
end

-- --- files by name ---

function file.open(name, mode)
  name = check_name(name, "open")
  mode = mode == nil and "r" or argument.text(mode, 2, "open")
  if not string.find(mode, "^[rwa]b?%+?b?$") then
    mode = "r" -- the device takes every other mode for reading
  end
  if string.sub(mode, 1, 1) ~= "r" then
    warn_of_length(name)
  end
  local handle = flash.folder():open(name, mode)
  if not handle then
    return nil
  end
  current = wrap(handle, name, mode)
  return current
end

function file.exists(name)
  local size, is_directory = flash.folder():stat(check_name(name, "exists"))
  return size ~= nil and not is_directory
end

-- Returns nothing, as on the device.
function file.remove(name)
  flash.folder():remove(check_name(name, "remove"))
end

function file.rename(old, new)
  old, new = check_name(old, "rename"), check_name(new, "rename", 2)
  warn_of_length(new)
  return flash.folder():rename(old, new)
end

function file.list(pattern)
  local all = flash.folder():list()
  if pattern == nil then
    return all
  end
  pattern = argument.text(pattern, 1, "list")
  local matching = {}
  for name, size in pairs(all) do
    if string.match(name, pattern) then
      matching[name] = size
    end
  end
  return matching
end

-- The device's flash keeps no times.
function file.stat(name)
  local plain = check_name(name, "stat")
  local size, is_directory, is_readonly = flash.folder():stat(plain)
  if not size then
    return nil
  end
  return {
    size = is_directory and 0 or size, name = plain,
    time = {year = 1970, mon = 1, day = 1, hour = 0, min = 0, sec = 0},
    is_dir = is_directory, is_rdonly = is_readonly, is_hidden = false, is_sys = false, is_arch = false,
  }
end

function file.getcontents(name)
  return flash.read(argument.text(name, 1, "getcontents"))
end

function file.putcontents(name, contents)
  name = check_name(name, "putcontents")
  contents = argument.text(contents, 2, "putcontents")
  warn_of_length(name)
  local handle = flash.folder():open(name, "w")
  if not handle then
    return nil
  end
  local written = handle:write(contents)
  local closed = handle:close()
  flash.folder():changed(name)
  return closed and written and true or nil
end

-- --- the file system ---

function file.fsinfo()
  local used = 0
  for _, size in pairs(flash.folder():list()) do
    used = used + size
  end
  local total = flash.folder():total(used)
  return total - used, used, total
end

function file.fscfg()
  return 0x100000, flash.folder():total(0)
end

function file.format()
  if not host.formattable then
    argument.raise "file.format: the folder was not made by netmcu, its files stay"
  end
  current = nil
  flash.folder():clear()
end

function file.chdir(folder)
  folder = argument.text(folder, 1, "chdir")
  return folder == "/FLASH" or folder == "/FLASH/" or folder == "/"
end

-- There is no SD card.
function file.mount(drive)
  argument.text(drive, 1, "mount")
  return nil
end

-- The flash has no use for the time of day.
function file.on(event)
  argument.check(event == nil or event == "rtc", 1, "on", "invalid option '" .. tostring(event) .. "'")
end

return {api = file}
