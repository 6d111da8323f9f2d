-- The Lua of the firmware, for --strict: what this Lua has and the chip's does not is a divergence.
--
-- The firmware is built with Lua 5.1, the default, or with Lua 5.3. Both leave functions out.
-- Feature tests (`if utf8 then`, `unpack or table.unpack`) are not divergences: only calls, the
-- values in `values`, and syntax are.

local host = require "netmcu.host"
local before = require "netmcu.truncate".before

local chip = {}

-- Functions, and libraries with all their functions, that no firmware has.
chip.nowhere = [[
  os io warn coroutine.close debug.debug debug.setcstacklimit
  math.cosh math.sinh math.tanh math.log10 math.ldexp math.mod]]

-- Those that only a firmware with Lua 5.3 has.
chip.in_53 = [[
  utf8 rawlen coroutine.isyieldable package.searchpath string.pack string.packsize string.unpack
  table.move table.pack table.unpack
  math.acos math.asin math.atan math.cos math.deg math.exp math.fmod math.log math.modf math.rad math.sin
  math.tan math.tointeger math.type math.ult
  debug.gethook debug.getinfo debug.getlocal debug.getmetatable debug.getupvalue debug.getuservalue
  debug.sethook debug.setlocal debug.setmetatable debug.setupvalue debug.setuservalue debug.upvalueid
  debug.upvaluejoin]]

-- Values that are not functions: reading one of them is a divergence.
local values = {
  io = {"stdin", "stdout", "stderr"}, math = {"maxinteger", "mininteger"}, utf8 = {"charpattern"},
}

local IN_53 = "; a firmware with Lua 5.3 has"
local sources = {} -- names of the chunks that were loaded under strict: other code may use all of this Lua
local is_ready = false

-- --- functions and values ---

-- Whether the function at the level, or the next one below it that is not a C function, belongs to
-- a checked chunk.
local function is_checked(level)
  local caller
  repeat
    level = level + 1
    caller = debug.getinfo(level, "S")
  until not caller or caller.what ~= "C"
  return caller and sources[caller.source]
end

local function report(name, suffix, level)
  host.warn("lua." .. name, name .. ": the firmware's Lua does not have it" .. suffix, level + 1)
end

local function wrap(name, suffix, fn)
  return before(fn, function()
    if is_checked(2) then
      report(name, suffix, 2)
    end
  end)
end

-- Moves the values out of the library, so that a function is called when they are read.
local function watch_values(library_name, library, suffix)
  local kept = {}
  for _, name in ipairs(values[library_name] or {}) do
    kept[name] = rawget(library, name)
    library[name] = nil
  end
  setmetatable(library, {
    __index = function(_, name)
      if kept[name] ~= nil and is_checked(2) then
        report(library_name .. "." .. name, suffix, 2)
      end
      return kept[name]
    end,
  })
end

-- Returns the table that contains the value with this name, such as "load" or "string.find", and its
-- key there. The table is nil if there is no such library.
local function find_owner(path)
  local library, name = string.match(path, "^(%w+)%.(%w+)$")
  local owner = library == nil and _G or _G[library]
  return type(owner) == "table" and owner or nil, name or path
end

local function watch(names, suffix)
  for path in string.gmatch(names, "%S+") do
    local owner, name = find_owner(path)
    local value = owner and rawget(owner, name)
    if type(value) == "function" then
      owner[name] = wrap(path, suffix, value)
    elseif type(value) == "table" then
      for inner, fn in pairs(value) do
        if type(fn) == "function" then
          value[inner] = wrap(path .. "." .. inner, suffix, fn)
        end
      end
      if values[path] then
        watch_values(path, value, suffix)
      end
    end
  end
end

-- In a simulation, the script is on a chip: what the chip lacks is not there at all.
local function remove(names)
  for path in string.gmatch(names, "%S+") do
    local owner, name = find_owner(path)
    if owner then
      owner[name] = nil
    end
  end
end

local function watch_load()
  _G.load = before(_G.load, function(chunk)
    if type(chunk) == "string" and is_checked(2) then
      host.warn("lua.load", "load of a string: Lua 5.1 has loadstring for that, Lua 5.3 has both", 2)
    end
  end)
end

local function get_ready()
  is_ready = true
  if host.is_simulated then
    remove(chip.nowhere)
    remove(chip.in_53)
    return
  end
  watch(chip.nowhere, "")
  watch(chip.in_53, IN_53 .. " it")
  watch_values("math", _G.math, IN_53 .. " it")
  watch_load()
end

-- --- syntax ---

local escapes = {x = "\\x", z = "\\z", u = "\\u"}

-- Returns a description of the syntax at this place that Lua 5.1 does not know, and whether Lua 5.3
-- does.
local function newer_syntax(text, kind, token, first)
  if kind == "escape" then
    local escape = escapes[string.sub(text, first + 1, first + 1)]
    return escape and "the escape " .. escape, true
  elseif kind ~= "token" then
    return nil
  end
  local pair = string.sub(text, first, first + 1)
  if pair == "//" or pair == "<<" or pair == ">>" or token == "&" or token == "|" then
    return "the operator " .. (#token == 1 and (token == "&" or token == "|") and token or pair), true
  elseif token == "~" and pair ~= "~=" then
    return "the operator ~", true
  elseif token == "goto" or pair == "::" and token == ":" then
    return "goto", true
  elseif string.find(text, "^<%s*%a+%s*>", first) and token == "<" then
    return "an attribute of a local variable", false
  end
end

local function find_newer_syntax(text)
  local found, in_53, position, skip
  require "netmcu.device.source".scan(text, function(kind, token, first)
    if not found and first ~= skip then
      found, in_53 = newer_syntax(text, kind, token, first)
      position = first
      -- the second character of "~="
      skip = token == "~" and first + 1 or nil
    end
  end)
  return found, in_53, position
end

-- The place as Lua's compiler writes it: "script.lua:12: ".
local function place_of(text, position, chunkname)
  local _, lines = string.gsub(string.sub(text, 1, position - 1), "\n", "")
  local _, message = load(string.rep("\n", lines) .. "=", chunkname)
  return string.match(message, "^.-:%d+: ")
end

-- --- for device.load ---

-- Called before a chunk is loaded under strict. Returns a message if the chunk must not be loaded.
function chip.check(text, chunkname)
  if string.sub(chunkname, 1, 2) == "=(" then -- of the command line
    return nil
  end
  if not is_ready then
    get_ready()
  end
  sources[chunkname] = true
  local found, in_53, position = find_newer_syntax(text)
  if found then
    return place_of(text, position, chunkname) .. found .. ": the firmware's Lua does not know it"
      .. (in_53 and IN_53 .. " it" or "")
  end
end

return chip
