-- file: a folder of this machine as the flash. The folder itself, and that no name leaves it, is folder.c's.
--
-- Two styles: file.open returns an object, and makes it the current file of the functions file.read, file.write …
-- Every function of an object, called with no object in front, acts on the current file too.

local host = require "netmcu.host"
local flash = require "netmcu.device.flash"

local CHUNK = 1024      -- bytes read by default, and the most that a line or a search for a character returns
local NAME = 31         -- bytes of a name on the device
local FLASH = 3145728   -- bytes of its file system
local MARGIN = 262144   -- left at least, when this folder holds more than the device could

local file = {}
local File = {}
File.__index = File
File.__name = "file.obj"

local current

local function check_name(name, caller, position)
  if type(name) ~= "string" and type(name) ~= "number" then
    error(string.format("bad argument #%d to '%s' (string expected, got %s)", position or 1, caller,
      name == nil and "no value" or type(name)), 3)
  end
  return flash.name(tostring(name))
end

local function warn_of_length(name)
  if #name > NAME then
    local script = 3 -- levels up: this function, that of the module, the script
    host.warn("file.name", string.format("a name of %d bytes: the device takes %d", #name, NAME), script)
  end
end

-- --- an open file ---

local function wrap(handle)
  return setmetatable({handle = handle, turn = nil}, File)
end

local function handle_of(self)
  if not self or not self.handle then
    error("open a file first", 3)
  end
  return self.handle
end

-- C wants the position set between reading and writing.
local function take_turn(self, turn)
  if self.turn and self.turn ~= turn then
    self.handle:seek("cur", 0)
  end
  self.turn = turn
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

function File:read(what)
  local handle = handle_of(self)
  take_turn(self, "read")
  if type(what) == "string" and not tonumber(what) then
    return read_until(handle, string.sub(what, 1, 1))
  end
  local count = math.floor(tonumber(what) or CHUNK)
  return handle:read(count > 0 and count or CHUNK)
end

function File:readline()
  local handle = handle_of(self)
  take_turn(self, "read")
  return read_until(handle, "\n")
end

local function write(self, text)
  local handle = handle_of(self)
  if type(text) ~= "string" and type(text) ~= "number" then
    error("bad argument #1 to 'write' (string expected, got " .. type(text) .. ")", 3)
  end
  take_turn(self, "write")
  return handle:write(text) and true or nil
end

function File:write(text)
  return write(self, text)
end

function File:writeline(text)
  return write(self, text) and write(self, "\n")
end

function File:seek(whence, offset)
  local handle = handle_of(self)
  whence = whence or "cur"
  local bases = {set = 0, cur = handle:seek("cur", 0), ["end"] = false}
  if bases[whence] == nil then
    error("bad argument #1 to 'seek' (invalid option '" .. tostring(whence) .. "')", 2)
  end
  local at = bases.cur
  local size = handle:seek("end", 0)
  local target = (bases[whence] or size) + math.floor(tonumber(offset) or 0)
  if target < 0 or target > size then
    handle:seek("set", at)
    return nil
  end
  self.turn = nil
  return handle:seek("set", target)
end

function File:flush()
  local handle = handle_of(self)
  return handle:flush() and true or nil
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

-- "x.read(5)" on an object or on the module is about the current file, "x:read(5)" about x. No function takes a
-- table otherwise, so one that is no object is the module.
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
  mode = mode or "r"
  if not (type(mode) == "string" and string.find(mode, "^[rwa]b?%+?b?$")) then
    mode = "r" -- the device takes any other mode for reading
  end
  if string.sub(mode, 1, 1) ~= "r" then
    warn_of_length(name)
  end
  local handle = flash.folder():open(name, mode)
  if not handle then
    return nil
  end
  current = wrap(handle)
  return current
end

function file.exists(name)
  local size, _, is_directory = flash.folder():stat(check_name(name, "exists"))
  return size ~= nil and not is_directory
end

-- Gives nothing, as the device does.
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
  local matching = {}
  for name, size in pairs(all) do
    if string.match(name, pattern) then
      matching[name] = size
    end
  end
  return matching
end

function file.stat(name)
  local plain = check_name(name, "stat")
  local size, seconds, is_directory, is_readonly = flash.folder():stat(plain)
  if not size then
    return nil
  end
  local time = os.date("!*t", seconds)
  return {
    size = is_directory and 0 or size, name = plain,
    time = {year = time.year, mon = time.month, day = time.day, hour = time.hour, min = time.min, sec = time.sec},
    is_dir = is_directory, is_rdonly = is_readonly, is_hidden = false, is_sys = false, is_arch = false,
  }
end

function file.getcontents(name)
  local handle = flash.folder():open(check_name(name, "getcontents"))
  if not handle then
    return nil
  end
  local text = handle:read("a")
  handle:close()
  return text
end

function file.putcontents(name, contents)
  name = check_name(name, "putcontents")
  if type(contents) ~= "string" and type(contents) ~= "number" then
    error("bad argument #2 to 'putcontents' (string expected, got " .. type(contents) .. ")", 2)
  end
  warn_of_length(name)
  local handle = flash.folder():open(name, "w")
  if not handle then
    return nil
  end
  local written = handle:write(contents)
  return handle:close() and written and true or nil
end

-- --- the file system ---

function file.fsinfo()
  local used = 0
  for _, size in pairs(flash.folder():list()) do
    used = used + size
  end
  local total = math.max(FLASH, used + MARGIN)
  return total - used, used, total
end

function file.fscfg()
  return 0x100000, FLASH
end

function file.format()
  if not host.formattable then
    error("file.format: the folder was not made by netmcu, its files stay", 2)
  end
  current = nil
  flash.folder():clear()
end

function file.chdir(folder)
  return folder == "/FLASH" or folder == "/FLASH/" or folder == "/"
end

-- There is no SD card.
function file.mount()
  return nil
end

function file.on(event, fn)
  if event ~= "rtc" then
    error("bad argument #1 to 'on' (invalid option '" .. tostring(event) .. "')", 2)
  end
  if fn ~= nil and type(fn) ~= "function" then
    error("bad argument #2 to 'on' (function expected, got " .. type(fn) .. ")", 2)
  end
end

return {api = file}
