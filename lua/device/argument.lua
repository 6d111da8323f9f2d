-- Checks of arguments, with the messages of the firmware's C functions.
--
-- The position in a message is in the script: that of the first function up the stack that does not
-- belong to a module. A check may be any number of calls below the function that the script called.
-- As in C, there is no position if that function was called through pcall.

local argument = {}

-- Returns the level of the script, seen from the function that calls this one.
local function script_level()
  local level = 3
  local info = debug.getinfo(level, "S")
  while info and string.find(info.source, "^=netmcu%.") do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  return level - 1
end

-- Raises an error as luaL_error does.
function argument.raise(text)
  error(text, script_level())
end

-- Reports a divergence from the device at the script's line.
function argument.warn(id, text)
  require "netmcu.host".warn(id, text, script_level())
end

-- Raises an error as luaL_argerror does.
function argument.fail(position, caller, problem)
  argument.raise(string.format("bad argument #%d to '%s' (%s)", position, caller, problem))
end

function argument.check(condition, position, caller, problem)
  if not condition then
    argument.fail(position, caller, problem)
  end
end

function argument.fail_type(value, position, caller, expected)
  local got = value == nil and "no value" or type(value)
  argument.fail(position, caller, string.format("%s expected, got %s", expected, got))
end

-- Returns the value, which must be of the named type.
function argument.typed(value, position, caller, expected)
  if type(value) ~= expected then
    argument.fail_type(value, position, caller, expected)
  end
  return value
end

-- Returns the value, which must be an object of this class.
function argument.object(value, class, caller)
  if getmetatable(value) ~= class then
    argument.fail_type(value, 1, caller, class.__name)
  end
  return value
end

-- Returns whether the value is a string, or a number, which functions of C take as one.
function argument.is_text(value)
  return type(value) == "string" or type(value) == "number"
end

-- Returns the text of a string or a number.
function argument.text(value, position, caller)
  if type(value) == "string" then
    return value
  elseif type(value) ~= "number" then
    argument.fail_type(value, position, caller, "string")
  end
  return tostring(value)
end

-- Returns a number, or the number that a string contains.
function argument.number(value, position, caller)
  local number = tonumber(value)
  if not number then
    argument.fail_type(value, position, caller, "number")
  end
  return number
end

-- Returns a number, or a string that is one, without its fraction. A number that does not fit a Lua
-- integer becomes one that is outside of every range.
function argument.integer(value, position, caller)
  if math.type(value) == "integer" then
    return value
  end
  local number = tonumber(value)
  if not number then
    argument.fail_type(value, position, caller, "number")
  end
  local whole = number < 0 and -(-number // 1) or number // 1
  return math.tointeger(whole) or math.mininteger
end

-- Returns what argument.integer does for a number, and the default for anything else.
function argument.optional_integer(value, default)
  return tonumber(value) and argument.integer(value) or default
end

-- Returns the lower 32 bits of an integer, as a signed number.
function argument.signed(integer)
  return (integer & 0xffffffff ~ 0x80000000) - 0x80000000
end

-- Returns a part of netmcu in C whose library may be absent from the build.
function argument.library(name)
  local library = require(name)
  if library.missing then
    argument.raise(library.missing)
  end
  return library
end

return argument
