-- Adds the functions that scripts for Lua 5.1 use and Lua 5.4 lacks. source.lua rewrites source
-- that 5.4 refuses.

local compat = {}

local function add(library, functions)
  for name, fn in pairs(functions) do
    if rawget(library, name) == nil then -- a program may have made its globals strict
      rawset(library, name, fn)
    end
  end
end

-- Outside of a coroutine, 5.1 returns nil, and 5.3 returns the main thread and true. A script for
-- either version finds what it looks for in nil and true.
local running = _G.coroutine.running
local function running_coroutine()
  local thread, is_main = running()
  return not is_main and thread or nil, is_main
end

-- The code of functions that few scripts use is loaded when one of them is called. The tail call adds
-- no level.
local function later(file, name)
  return function(...)
    return require("netmcu.device." .. file)[name](...)
  end
end

-- loadstring compiles with load_source(text, chunkname). The code of this function is a tenth of the
-- memory of a simulated device, so it is not kept.
function compat.install(load_source)
  compat.install = nil
  require "netmcu.truncate".install(_G, _ENV)
  add(_G, {
    unpack = table.unpack,
    loadstring = function(text, chunkname)
      if type(text) ~= "string" then
        error("bad argument #1 to 'loadstring' (string expected, got " .. type(text) .. ")", 2)
      end
      return load_source(text, chunkname or text)
    end,
    setfenv = later("environment", "setfenv"),
    getfenv = later("environment", "getfenv"),
    module = later("environment", "module"),
    gcinfo = later("lua51", "gcinfo"),
  })
  add(_G.table, {getn = function(list) return #list end, foreach = later("lua51", "foreach"),
    foreachi = later("lua51", "foreachi"), maxn = later("lua51", "maxn")})
  add(_G.string, {gfind = string.gmatch})
  _G.coroutine.running = running_coroutine
  add(_G.math, {
    pow = function(x, y) return x ^ y end,
    mod = math.fmod,
  })
  for _, name in ipairs {"cosh", "ldexp", "log10", "sinh", "tanh"} do
    add(_G.math, {[name] = later("lua51", name)})
  end
  add(_G.package, {loaders = package.searchers, seeall = later("environment", "seeall")})
end

return compat
