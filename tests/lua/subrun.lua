-- Runs another Lua script in a process of its own, and gives back its exit status and what it wrote.
--
--   local subrun = require "subrun"
--   local status, output, errors = subrun(script, "--strict --timeout 5")     the runner; the script is its "stdin"
--   local status, output, errors = subrun.lua(script)                        a stock Lua with the modules; nil without one
--
-- The status is -signal where a signal ended it.

local subrun = {}

local is_windows = package.config:sub(1, 1) == "\\"

local function runner()
  local first = 0
  while arg[first - 1] do
    first = first - 1
  end
  local path = os.getenv "NETMCU" or arg[first]
  return is_windows and path:gsub("/", "\\") or path -- the shell of Windows takes "/" for an option
end

local function write_file(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function take_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  os.remove(path)
  return text
end

-- The shell of Windows removes the first quote and the last one.
function subrun.popen(command, mode)
  return assert(io.popen(is_windows and '"' .. command .. '"' or command, mode))
end

local function execute(command, script)
  local input, output, errors = os.tmpname(), os.tmpname(), os.tmpname()
  write_file(input, script)
  -- With os.execute, wine would hide the exit status (tests/windows/system_errno.c).
  local _, kind, code = subrun.popen(("%s < %s > %s 2> %s"):format(command, input, output, errors)):close()
  os.remove(input)
  return kind == "signal" and -code or code, take_file(output), take_file(errors)
end

function subrun.command()
  return runner()
end

local function find_lua()
  for _, name in ipairs {"lua5.4", "lua54", "lua"} do
    if os.execute(name .. " -e 'os.exit(_VERSION == \"Lua 5.4\")' > /dev/null 2>&1") then
      return name
    end
  end
end

function subrun.lua(script)
  local name, build = find_lua(), os.getenv "NETMCU_BUILD"
  if name == nil or build == nil then
    return nil
  end
  local preload = os.getenv "NETMCU_PRELOAD" or ""
  local environment = ("LUA_CPATH='%s/lua/?.so' LUA_PATH='%s/lua/?.lua;%s/tests/lua/?.lua'"):format(build, build,
    os.getenv "NETMCU_SOURCE" or ".")
  if preload ~= "" then
    environment = environment .. " LD_PRELOAD=" .. preload
  end
  return execute(("env %s %s -"):format(environment, name), script)
end

return setmetatable(subrun, {
  __call = function(_, script, options)
    return execute(('"%s" %s -'):format(runner(), options or "--timeout 60"), script)
  end,
})
