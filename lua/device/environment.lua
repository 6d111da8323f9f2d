-- setfenv, getfenv, module and package.seeall of Lua 5.1, which change a function's _ENV.

local argument = require "netmcu.device.argument"

local environment = {}

-- The environments that functions were given. A function that uses no global has no _ENV, but
-- getfenv must return its environment.
local given = setmetatable({}, {__mode = "k"})

local function environment_index(fn)
  for i = 1, 255 do
    local name = debug.getupvalue(fn, i)
    if name == "_ENV" then
      return i
    elseif name == nil then
      return nil
    elseif name == "(no name)" and debug.getinfo(fn, "S").what == "main" then
      return i -- the only upvalue of a main chunk without debug information is _ENV
    end
  end
end

local function function_at(level, caller)
  if type(level) == "function" then
    return level
  end
  level = level == nil and 1 or level
  argument.check(type(level) == "number" and level >= 0, 1, caller, "level must be non-negative")
  local info = level > 0 and debug.getinfo(level + 2, "f")
  argument.check(level == 0 or info, 1, caller, "invalid level")
  return info and info.func
end

-- True for a C function, and for one of netmcu's modules, which would be a C function on the
-- device.
local function is_of_c(fn)
  local index = environment_index(fn)
  return debug.getinfo(fn, "S").what == "C" or index ~= nil and select(2, debug.getupvalue(fn, index)) == _ENV
end

function environment.getfenv(level)
  local fn = function_at(level, "getfenv")
  local index = fn and not is_of_c(fn) and environment_index(fn)
  if index then
    return select(2, debug.getupvalue(fn, index))
  end
  return given[fn or 0] or _G
end

-- Gives the function an _ENV of its own. Other functions of the same chunk keep theirs, as in Lua
-- 5.1.
function environment.setfenv(level, globals)
  argument.typed(globals, 2, "setfenv", "table")
  local fn = function_at(level, "setfenv")
  if not fn or is_of_c(fn) then
    error("'setfenv' cannot change environment of given object", 2)
  end
  local index = environment_index(fn)
  if index then
    debug.upvaluejoin(fn, index, function() return globals end, 1)
  end
  given[fn] = globals
  return fn
end

local function find_table(name)
  local at = _G
  for part in string.gmatch(name, "[^.]+") do
    if rawget(at, part) == nil then
      at[part] = {}
    end
    at = at[part]
    if type(at) ~= "table" then
      error("name conflict for module '" .. name .. "'", 3)
    end
  end
  return at
end

function environment.module(name, ...)
  argument.typed(name, 1, "module", "string")
  local self = package.loaded[name]
  if type(self) ~= "table" then
    self = find_table(name)
    package.loaded[name] = self
  end
  if self._NAME == nil then
    self._M, self._NAME, self._PACKAGE = self, name, string.match(name, "^(.*%.)") or ""
  end
  environment.setfenv(2, self)
  -- In "module(...)", the second argument is the file's name, which require passes since Lua 5.2.
  for i = 1, select("#", ...) do
    local option = select(i, ...)
    if type(option) == "function" then
      option(self)
    end
  end
end

function environment.seeall(self)
  local meta = getmetatable(self) or {}
  meta.__index = _G
  setmetatable(self, meta)
end

return environment
