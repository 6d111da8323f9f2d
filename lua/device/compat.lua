-- Adds the functions that scripts for Lua 5.1 use and Lua 5.4 lacks. source.lua rewrites source
-- that 5.4 refuses.

local compat = {}

local function foreach(list, fn)
  for key, value in pairs(list) do
    local result = fn(key, value)
    if result ~= nil then
      return result
    end
  end
end

local function foreachi(list, fn)
  for i = 1, #list do
    local result = fn(i, list[i])
    if result ~= nil then
      return result
    end
  end
end

local function maxn(list)
  local highest = 0
  for key in pairs(list) do
    if type(key) == "number" and key > highest then
      highest = key
    end
  end
  return highest
end

local function add(library, functions)
  for name, fn in pairs(functions) do
    if rawget(library, name) == nil then -- a program may have made its globals strict
      rawset(library, name, fn)
    end
  end
end

-- Replaces functions of a library for the script, and for the modules, which pass on the script's
-- arguments.
local function replace(library, functions)
  for name, fn in pairs(functions) do
    _G[library][name], _ENV[library][name] = fn, fn
  end
end

local function take_fractions()
  local truncate = require "netmcu.truncate"
  local cut = truncate.arguments
  local strings = getmetatable ""
  strings.__mod = truncate.modulo(string.format, strings.__mod)
  replace("string", {
    format = truncate.format(string.format), gsub = truncate.replacement(string.gsub), char = cut(string.char),
    byte = cut(string.byte, 2), rep = cut(string.rep, 2), sub = cut(string.sub, 2),
    find = cut(string.find, 3), match = cut(string.match, 3),
  })
  replace("table", {
    unpack = cut(table.unpack, 2), concat = cut(table.concat, 3), insert = truncate.insert(table.insert),
    remove = truncate.remove(table.remove),
  })
  replace("math", {random = cut(math.random), randomseed = cut(math.randomseed)})
  _G.collectgarbage, _G.require = truncate.collect(collectgarbage), truncate.first(_G.require)
end

-- Outside of a coroutine, 5.1 returns nil, and 5.3 returns the main thread and true. A script for
-- either version finds what it looks for in nil and true.
local running = _G.coroutine.running
local function running_coroutine()
  local thread, is_main = running()
  return not is_main and thread or nil, is_main
end

-- Few scripts use environments, so their code is loaded when it is first used. The tail call adds
-- no level.
local function environment(name)
  return function(...)
    return require "netmcu.device.environment"[name](...)
  end
end

-- loadstring compiles with load_source(text, chunkname). The code of this function is a tenth of the
-- memory of a simulated device, so it is not kept.
function compat.install(load_source)
  compat.install = nil
  take_fractions()
  add(_G, {
    unpack = table.unpack,
    loadstring = function(text, chunkname)
      if type(text) ~= "string" then
        error("bad argument #1 to 'loadstring' (string expected, got " .. type(text) .. ")", 2)
      end
      return load_source(text, chunkname or text)
    end,
    setfenv = environment "setfenv",
    getfenv = environment "getfenv",
    module = environment "module",
    gcinfo = function() return math.floor(collectgarbage("count")) end,
  })
  add(_G.table, {getn = function(list) return #list end, foreach = foreach, foreachi = foreachi, maxn = maxn})
  add(_G.string, {gfind = string.gmatch})
  _G.coroutine.running = running_coroutine
  add(_G.math, {
    pow = function(x, y) return x ^ y end,
    mod = math.fmod,
    log10 = function(x) return math.log(x, 10) end,
    cosh = function(x) return (math.exp(x) + math.exp(-x)) / 2 end,
    sinh = function(x) return (math.exp(x) - math.exp(-x)) / 2 end,
    tanh = function(x) local e = math.exp(-2 * math.abs(x)); return (x < 0 and e - 1 or 1 - e) / (1 + e) end,
    ldexp = function(m, e) return m * 2.0 ^ e end,
  })
  add(_G.package, {loaders = package.searchers, seeall = environment "seeall"})
end

return compat
