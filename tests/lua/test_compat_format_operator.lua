-- The % of strings formats, as in both Lua versions of the firmware. Strings that are numbers are still
-- divided.

local function fails_with(text, fn, ...)
  local done, message = pcall(fn, ...)
  assert(not done and message:find(text, 1, true), tostring(message))
end
local function modulo(a, b)
  return a % b
end

assert("%d items" % 5 == "5 items" and "%d" % 2.7 == "2" and "%s!" % "x" == "x!")
assert("%s=%d" % {"name", 7} == "name=7" and "nothing" % {} == "nothing" and "%%" % 1 == "%")
assert("%s" % {string.rep("long", 1000)} == string.rep("long", 1000))
assert("10" % "4" == 2 and "10" % 4 == 2 and 10 % "4" == 2 and "7.5" % 2 == 1.5)
local list = {}
for i = 1, 200 do
  list[i] = i
end
assert(("%d"):rep(200) % list == table.concat(list))

fails_with("test_compat_format_operator.lua:9: bad argument #2 to 'mod' (number expected, got string)",
  modulo, "%d", "x")
fails_with("bad argument #3 to 'mod' (no value)", modulo, "%s %s", {"one"})
fails_with("attempt to mod a 'number' with a 'string'", modulo, 5, "x")
fails_with("attempt to perform arithmetic on a table value", modulo, {}, 5)
fails_with("attempt to perform arithmetic on a nil value", modulo, nil, 5)
local endless = setmetatable({}, {__len = function() return math.maxinteger end})
fails_with("too many values to format", modulo, "%s", endless)
