-- The folder that stands for the flash, and how a script loads other scripts from it.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local device = require "netmcu.device.init"

local flash = {}

local folder -- opened when it is first needed

-- Uses another folder as the flash, for a test.
function flash.mount(path)
  local message
  local open = host.open_folder or require "netmcu.device.folder" -- the flash of a simulated host
  folder, message = open(path)
  if not folder then
    error("the folder that stands for the flash: " .. message, 2)
  end
end

function flash.folder()
  if not folder then
    flash.mount(host.root or ".")
  end
  return folder
end

-- The flash has no folders: "/FLASH/x", "/x" and "x" are the same name.
function flash.name(name)
  return (string.gsub(string.gsub(name, "^/FLASH/", ""), "^/+", ""))
end

-- Returns the whole content of a file, or nil if there is none.
function flash.read(name)
  local handle = flash.folder():open(flash.name(name))
  if not handle then
    return nil
  end
  local text = handle:read("a")
  handle:close()
  return text
end

local function is_bytecode(text)
  return string.byte(text) == 27
end

-- Returns the name of the source that the device's compiler has made "name.lc" from; nil for other
-- names.
local function source_of(name)
  local base = string.match(name, "^(.*)%.lc$")
  return base and base .. ".lua"
end

-- Says once for each file that its source runs in its place. Under strict this returns false and a
-- message.
local function report_source(name, reason)
  local text = string.format("%s %s: %s runs in its place", name, reason, source_of(name))
  return pcall(function()
    host.warn("flash.lc " .. name, text, 0) -- without a place in the script, so that it comes once
  end)
end

-- Bytecode of a device, as in a copy of its flash, does not run here. The source beside it does.
local function load_text(text, name, ...)
  local chunk, message = device.load(text, "@" .. name, ...)
  local source = not chunk and is_bytecode(text) and source_of(name)
  if not source then
    return chunk, message
  end
  local found = flash.read(source)
  if not found then
    return nil, message .. string.format("; node.compile(%q) makes bytecode of this machine", source)
  end
  local allowed, problem = report_source(name, "is not bytecode of this machine")
  if not allowed then
    return nil, problem
  end
  return device.load(found, "@" .. source, ...)
end

-- Loads a file of the flash, or one of this machine by its path. The third result is true if
-- neither exists.
local function load_named(name, ...)
  local text = flash.read(name)
  if text then
    return load_text(text, name, ...)
  end
  local chunk, message, code = device.loadscript(name, "@" .. name)
  if code == 2 then -- ENOENT: the device gives no reason
    return nil, "cannot open " .. name, true
  end
  return chunk, message
end

-- Tools that upload to a device compile there, so a script may ask for a .lc file of which only the
-- source is here.
local function load_source_of(name, ...)
  local source = source_of(name)
  if not source then
    return nil
  end
  local chunk, message, missing = load_named(source, ...)
  if missing then
    return nil
  end
  local allowed, problem = report_source(name, "is missing")
  if not allowed then
    return nil, problem
  end
  return chunk, message
end

local function load_file(caller, name, ...)
  name = argument.text(name, 1, caller)
  local chunk, message, missing = load_named(name, ...)
  if missing then
    local replacement, problem = load_source_of(name, ...)
    return replacement, problem or message
  end
  return chunk, message
end

function flash.loadfile(name, ...)
  local chunk, message = load_file("loadfile", name, ...)
  if chunk then
    return chunk
  end
  return nil, message
end

function flash.dofile(name)
  local chunk, message = load_file("dofile", name)
  if not chunk then
    error(message, 0)
  end
  return chunk()
end

-- Calls try(file name) with each template of package.path that stands for a file of the flash,
-- until it returns something.
local function each_candidate(name, try)
  local path = string.gsub(string.gsub(name, "%.", "/"), "%%", "%%%%")
  for template in string.gmatch(device.path(), "[^;]+") do
    if string.sub(template, 1, 1) ~= "/" then
      local candidate = string.gsub(template, "%?", path)
      local chunk, message = try(candidate)
      if message then
        error(string.format("error loading module '%s' from file '%s':\n\t%s", name, candidate, message), 0)
      elseif chunk then
        return chunk, candidate
      end
    end
  end
end

-- A searcher for require. If it returns nil, the next searcher looks for the same names, and lists
-- them.
function flash.search(name)
  local chunk, candidate = each_candidate(name, function(candidate)
    local text = flash.read(candidate)
    if text then
      return load_text(text, flash.name(candidate))
    end
  end)
  if chunk then
    return chunk, candidate
  end
  return each_candidate(name, function(missing)
    local source = source_of(missing)
    if source and flash.read(source) then
      return load_source_of(flash.name(missing))
    end
  end)
end

return flash
