-- The globals of the device, for a script that runs in this Lua state.
--
-- install() makes every module a global and something to require, as an empty table that fills itself when it is
-- first used: a start costs little more than these tables, and this file holds only what every start needs.
--
-- A module file returns
--   api      its table: functions, constants, tables of functions
--   absent   names of functions the device has and the desktop has not; they raise, saying so. Any other name
--            that is not there is nil, as on the device, so that scripts may probe for what a firmware has.
--   control  what a test may do to the hardware
-- and finds its surroundings in netmcu.host (the loop, the terminal), netmcu.device.flash (the files) and here.

local host = require "netmcu.host"

local device = {}

local names = {
  "adc", "bit", "crypto", "encoder", "file", "gpio", "node", "pipe", "rtctime", "sjson", "struct", "uart", "wifi",
}

-- --- output: to the terminal, or to whoever took it over ---

local function write_terminal(text)
  return host.write(text)
end
local writer = write_terminal

function device.write(text)
  return writer(text)
end

function device.setwriter(fn)
  writer = fn or write_terminal
end

local function print_device(...)
  local count = select("#", ...)
  if count == 1 then
    return writer(tostring((...)) .. "\n")
  end
  local texts = {...}
  for i = 1, count do
    texts[i] = tostring(texts[i])
  end
  writer(table.concat(texts, "\t") .. "\n")
end

-- --- scripts ---

-- The script's tables of two libraries, whatever it does to the global variables that have their names.
local script_package = _G.package
device.script_string = _G.string

-- Where the script's `require` looks for files.
function device.path()
  return script_package.path
end

local load_standard = load

-- Like load, but rewrites what Lua 5.4 refuses and Lua 5.1 accepts.
local function load_rewritten(text, chunkname, mode, ...)
  if string.byte(text) == 27 then
    return load_standard(text, chunkname, mode, ...)
  end
  text = string.gsub(string.gsub(text, "^\xef\xbb\xbf", ""), "^#[^\n]*", "")
  if string.find(text, "...", 1, true) and string.find(text, "%f[%w_]arg%f[^%w_]") then
    text = require "netmcu.device.source".varargs(text)
  end
  local chunk, message = load_standard(text, chunkname, mode, ...)
  if not chunk and mode ~= "b" and string.find(message, "\\", 1, true) then -- it shows the escape that it refuses
    local accepted = require "netmcu.device.source".escapes(text)
    if accepted ~= text then
      chunk = load_standard(accepted, chunkname, mode, ...)
    end
  end
  return chunk, not chunk and message or nil
end

-- Loads a script of the device. Under strict, it may not use more than the chip's Lua has.
function device.load(text, chunkname, ...)
  if host.options().strict and string.byte(text) ~= 27 then
    local problem = require "netmcu.device.chip".check(text, chunkname or text)
    if problem then
      return nil, problem
    end
  end
  return load_rewritten(text, chunkname, ...)
end

-- Loads a file by its path on this machine, as the program is given one. Returns nil, a message and the system's
-- error code if the file cannot be read. `is_test` says that it is no script of the device.
function device.loadscript(path, chunkname, is_test)
  local handle, message, code = io.open(path, "rb")
  if not handle then
    return nil, message, code
  end
  local text, problem = handle:read("a")
  handle:close()
  if not text then
    return nil, path .. ": " .. problem
  end
  return (is_test and load_rewritten or device.load)(text, chunkname or "@" .. path)
end

-- --- modules ---

local function lazy_module(name)
  local function fill(self)
    return require "netmcu.device.modules".fill(self, name)
  end
  return setmetatable({}, {
    __index = function(self, key) return fill(self)[key] end,
    __pairs = function(self) return pairs(fill(self)) end,
  })
end

-- Everything that a firmware has in its flash, by name: scripts walk this table as getmetatable(_G).__index.
local rom = {}

local function provide(name, module)
  rom[name] = module
  if rawget(_G, name) == nil then
    rawset(_G, name, module)
  end
end

-- A module for another one, whatever the script made of the global.
function device.module(name)
  return require("netmcu.device." .. name).api
end

-- What a test may do to a module's hardware: control "gpio".set(3, 1).
function device.control(name)
  return require("netmcu.device." .. name).control
end

-- Every function a script finds, as sorted names: "file.open", "wifi.sta.getip" …
function device.globals()
  return require "netmcu.device.modules".list(names)
end

local function flash(name)
  return function(...)
    return require "netmcu.device.flash"[name](...)
  end
end

-- What is netmcu's own is not in the flash, and is needed to look there.
local function search(name)
  if not string.find(name, "^netmcu%f[.\0]") then
    return require "netmcu.device.flash".search(name)
  end
end

local installed = false

-- Once for a Lua state: the functions that are replaced must not be replaced again.
function device.install()
  if installed then
    return
  end
  installed = true
  for _, name in ipairs {"coroutine", "debug", "math", "string", "table"} do
    rom[name] = _G[name]
  end
  for _, name in ipairs {"net", "tmr"} do
    provide(name, _G.require(name))
  end
  for _, name in ipairs(names) do
    local module = lazy_module(name)
    provide(name, module)
    package.preload[name] = function() return module end
  end
  provide("cjson", rom.sjson)
  package.preload.cjson = package.preload.sjson
  if getmetatable(_G) == nil then -- in a stock Lua, a program may have set one of its own
    setmetatable(_G, {__index = rom})
  end
  _G.print, _G.dofile, _G.loadfile = print_device, flash "dofile", flash "loadfile"
  script_package.path = "?.lc;?.lua;" .. script_package.path
  table.insert(package.searchers, 2, search)
  require "netmcu.device.compat".install(device.load)
end

return device
