-- Runs before a test script. From then on, netmcu's own functions find garbage under every standard
-- name of the script, and the test still finds what belongs there. `print` stays, because the prompt
-- calls the script's.

local getinfo, match, next, setmetatable = debug.getinfo, string.match, next, setmetatable

-- In the program, the modules' sources have these names. A C function that looks up a name is also
-- netmcu's.
local function is_own(level)
  local caller = getinfo(level + 1, "S")
  return caller == nil or caller.what == "C" or match(caller.source, "^=netmcu") ~= nil
end

-- The names are taken out of the table, so that each look-up calls a function, which sees the caller.
local function hide(owner, names, fallback)
  local kept = {}
  for name in next, names do
    kept[name], owner[name] = owner[name], nil
  end
  setmetatable(owner, {
    __index = function(_, name)
      local value = kept[name]
      if value == nil then
        return fallback and fallback[name]
      end
      return is_own(2) and "garbage" or value
    end,
    __pairs = function()
      local all = {}
      for name, value in next, kept do
        all[name] = value
      end
      for name, value in next, owner do
        all[name] = value
      end
      return next, all
    end,
  })
end

local function names_of(library)
  local names = {}
  for name in next, library do
    names[name] = true
  end
  return names
end

local globals = {}
for name in string.gmatch([[
  assert collectgarbage coroutine debug dofile error getfenv getmetatable io ipairs load loadfile
  loadstring math module next os package pairs pcall rawequal rawget rawlen rawset require select
  setfenv setmetatable string table tonumber tostring type unpack utf8 xpcall]], "%l+") do
  globals[name] = true
end
-- Lua itself reads the other fields of `package`.
hide(package, {loadlib = true, searchpath = true, seeall = true})
for _, library in next, {coroutine, debug, io, math, os, string, table, utf8} do
  hide(library, names_of(library))
end
hide(_G, globals, getmetatable(_G).__index)
