-- Gives a script in this Lua state the globals of the device.
--
-- install() makes each module a global, and lets the script require it. The module is an empty
-- table that fills itself when it is first used, so that a start costs little more than these
-- tables. For the same reason this file contains only what every start needs.
--
-- The file of a module returns a table with
--   api      the functions and constants of the module, and tables of them
--   absent   the names of functions that the device has and the desktop lacks, separated by
--            blanks. They raise an error that says so. All other names are nil, as on the device,
--            so that scripts can check what a firmware has.
--   lookup   a function that returns the value of a name that is not in `api`, or nil
--   control  what a test can do to the hardware
-- A module uses netmcu.host (the loop, the terminal), netmcu.device.flash (the files) and this
-- file.

local host = require "netmcu.host"

local device = {}

-- The modules that this folder has a file for, with those below.
local names = {
  "adc", "bit", "crypto", "encoder", "file", "gpio", "node", "pipe", "rtctime", "sjson", "struct", "uart", "wifi",
}

-- Projects bring files with the names of these modules, such as a mqtt.lua of their own, and
-- `require` prefers such a file. All other modules win over a file, as on the device. The list is a
-- string, which takes less memory than a table; each name has a blank on both sides.
local replaceable = " ads1115 adxl345 am2320 apa102 bloom bme280 bme280_math bme680 bmp085 coap "
  .. "color_utils cron dht ds18b20 enduser_setup gdbstub hdc1080 hmc5883l http "
  .. "hx711 i2c l3g4200d mcp4725 mdns mqtt ow pcm perf pixbuf pwm pwm2 rc rfswitch "
  .. "rotary rtcfifo rtcmem si7021 sigma_delta sntp softuart somfy spi switec "
  .. "tcs34725 tls tm1829 tsl2561 u8g u8g2 ucg websocket wps ws2801 ws2812 "
  .. "ws2812_effects xpt2046 "

local function is_replaceable(name)
  return type(name) == "string" and string.find(replaceable, " " .. name .. " ", 1, true) and not string.find(name, " ")
end

-- --- output: to the terminal, or to the function that has replaced it ---

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

-- Reads a whole file of this machine. Returns nil, a message and perhaps the system's error code if
-- it fails.
local function read_file(path)
  local handle, message, code = io.open(path, "rb")
  if not handle then
    return nil, message, code
  end
  local text, problem = handle:read "a"
  handle:close()
  if not text then
    return nil, path .. ": " .. (problem or "nothing to read")
  end
  return text
end

-- The script's tables of two libraries. They stay the same if the script changes the global
-- variables.
local script_package = _G.package
device.script_string = _G.string

-- Returns the templates of the files that the script's `require` looks for.
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
  if not chunk and mode ~= "b" and string.find(message, "\\", 1, true) then -- the message shows the escape
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

-- Loads a file by its path on this machine, such as the one on the command line. Returns nil, a
-- message and the system's error code if the file cannot be read. `is_test` is true if it is not a
-- script of the device.
function device.loadscript(path, chunkname, is_test)
  local text, message, code = read_file(path)
  if not text then
    return nil, message, code
  end
  return (is_test and load_rewritten or device.load)(text, chunkname or "@" .. path)
end

-- --- modules ---

local name_of = {} -- of each module that is not filled yet

local function fill(self)
  return require "netmcu.device.modules".fill(self, name_of[self])
end

local lazy = {
  __index = function(self, key) return fill(self)[key] end,
  __pairs = function(self) return pairs(fill(self)) end,
}

local function lazy_module(name)
  local module = setmetatable({}, lazy)
  name_of[module] = name
  return module
end

-- The modules that a firmware contains, by name. Scripts walk this table as
-- getmetatable(_G).__index. Those that many scripts do not use appear in it when they are looked
-- up.
local rom = setmetatable({}, {
  __index = function(self, name)
    if is_replaceable(name) then
      rawset(self, name, lazy_module(name))
      return rawget(self, name)
    end
  end,
  __pairs = function(self)
    for name in string.gmatch(replaceable, "%S+") do
      local _ = self[name]
    end
    return next, self
  end,
})

local function provide(name, module)
  rom[name] = module
  if rawget(_G, name) == nil then
    rawset(_G, name, module)
  end
end

-- Returns a module for another one. Changes that the script makes to its table of the module are
-- not in it.
function device.module(name)
  return require("netmcu.device." .. name).api
end

-- Returns what a test can do to the hardware of a module: control "gpio".set(3, 1).
function device.control(name)
  return require("netmcu.device." .. name).control
end

-- Returns the sorted names of all modules.
function device.names()
  local all = {"net", "tmr", table.unpack(names)}
  for name in string.gmatch(replaceable, "%S+") do
    all[#all + 1] = name
  end
  table.sort(all)
  return all
end

-- Returns the sorted names of all functions that a script finds: "file.open", "wifi.sta.getip" …
function device.globals()
  return require "netmcu.device.modules".list(device.names())
end

local function flash(name)
  return function(...)
    return require "netmcu.device.flash"[name](...)
  end
end

-- A searcher for require. netmcu's own modules are not in the flash, and looking there needs them.
local function search(name)
  if string.find(name, "^netmcu%f[.\0]") then
    return nil
  end
  local chunk, where = require "netmcu.device.flash".search(name)
  if chunk == nil and is_replaceable(name) then
    return require "netmcu.device.image".get(name) or function() return rom[name] end, ":firmware:"
  end
  return chunk, where
end

-- net.cert is the name of tls.cert in older firmware. Under strict it is nil, as on the device.
local function find_certificates(_, key)
  if key == "cert" and not host.options().strict then
    require "netmcu.device.argument".warn("net.cert", "net.cert: the device has tls.cert for that")
    return rom.tls.cert
  end
end

local function do_nothing() end

-- A second call does nothing: a replaced function must not be replaced again.
function device.install()
  device.install = do_nothing
  for _, name in ipairs {"coroutine", "debug", "math", "string", "table"} do
    rom[name] = _G[name]
  end
  for _, name in ipairs {"net", "tmr"} do
    provide(name, _G.require(name))
  end
  setmetatable(rom.net, {__index = find_certificates})
  function rom.tmr.softwd(seconds)
    return require "netmcu.device.watchdog"(seconds)
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
  else
    for name in string.gmatch(replaceable, "%S+") do
      provide(name, rom[name])
    end
  end
  _G.print, _G.dofile, _G.loadfile = print_device, flash "dofile", flash "loadfile"
  script_package.path = "?.lc;?.lua;" .. script_package.path
  table.insert(package.searchers, 2, search)
  require "netmcu.device.compat".install(device.load)
end

return device
