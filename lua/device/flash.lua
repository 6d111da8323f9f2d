-- The folder that stands for the flash, and how a script finds others in it.

local host = require "netmcu.host"
local device = require "netmcu.device.init"

local flash = {}

local folder -- opened when first needed

-- Another folder in its place, for a test.
function flash.mount(path)
  local message
  folder, message = require "netmcu.folder"(path)
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

-- The flash is flat: "/FLASH/x", "/x" and "x" are one name.
function flash.name(name)
  return (string.gsub(string.gsub(name, "^/FLASH/", ""), "^/+", ""))
end

-- All of a file, or nil.
function flash.read(name)
  local handle = flash.folder():open(flash.name(name))
  if not handle then
    return nil
  end
  local text = handle:read("a")
  handle:close()
  return text
end

-- Bytecode of a device beside its source, as in a copy of its flash: the source is what this Lua can run.
local function load_source(text, name, message, ...)
  local source = string.byte(text) == 27 and string.match(name, "^(.*)%.lc$")
  source = source and source .. ".lua"
  local found = source and flash.read(source)
  if found then
    return device.load(found, "@" .. source, ...)
  elseif source then
    message = message .. string.format("; node.compile(%q) makes bytecode of this machine", source)
  end
  return nil, message
end

local function load_text(text, name, ...)
  local chunk, message = device.load(text, "@" .. name, ...)
  if chunk then
    return chunk
  end
  return load_source(text, name, message, ...)
end

function flash.loadfile(name, ...)
  if type(name) ~= "string" and type(name) ~= "number" then
    error(string.format("bad argument #1 to 'loadfile' (string expected, got %s)",
      name == nil and "no value" or type(name)), 2)
  end
  name = tostring(name)
  local text = flash.read(name)
  if text then
    return load_text(text, name, ...)
  end
  local chunk, message, code = device.loadscript(name, "@" .. name)
  if code == 2 then -- ENOENT: the device gives no reason
    message = "cannot open " .. name
  end
  return chunk, message
end

function flash.dofile(name)
  local chunk, message = flash.loadfile(name)
  if not chunk then
    error(message, 0)
  end
  return chunk()
end

-- A searcher for require: the templates of package.path that are not absolute, in the flash.
function flash.search(name)
  local path = string.gsub(name, "%.", "/")
  for template in string.gmatch(device.path(), "[^;]+") do
    local candidate = string.gsub(template, "%?", (string.gsub(path, "%%", "%%%%")))
    local text = string.sub(template, 1, 1) ~= "/" and flash.read(candidate)
    if text then
      local chunk, message = load_text(text, flash.name(candidate))
      if not chunk then
        error(string.format("error loading module '%s' from file '%s':\n\t%s", name, candidate, message), 0)
      end
      return chunk, candidate
    end
  end
  return nil -- the next searcher looks for the same names, and lists them
end

return flash
