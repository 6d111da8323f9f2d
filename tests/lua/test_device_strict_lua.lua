-- Under --strict, what the firmware's Lua does not have is a divergence that names the line.
-- ctest: COST 10

local subrun = require "subrun"

local in_53 = "; a firmware with Lua 5.3 has it"

local scripts = {} -- all that were checked

local function check(script, expected)
  local status, _, errors = subrun(script, "--strict --timeout 60")
  if expected then
    assert(status == 1 and errors:sub(1, #expected + 8) == "netmcu: " .. expected, script .. "\n" .. errors)
  else
    assert(status == 0 and errors == "", script .. "\n" .. errors)
  end
  scripts[#scripts + 1] = ("do %s\nend\n"):format(script)
end

-- functions and libraries
check("local x = 1\nx = os.time()", "stdin:2: os.time: the firmware's Lua does not have it\n")
check("io.write('')", "stdin:1: io.write: the firmware's Lua does not have it\n")
check("\n\nlocal out = io.stdout", "stdin:3: io.stdout: the firmware's Lua does not have it\n")
check("local n = utf8.len('x')", "stdin:1: utf8.len: the firmware's Lua does not have it" .. in_53)
check("local p = utf8.charpattern", "stdin:1: utf8.charpattern: the firmware's Lua does not have it" .. in_53)
check("local i = debug.getinfo(1)", "stdin:1: debug.getinfo: the firmware's Lua does not have it" .. in_53)
check("local s = ('<i4'):pack(1)", "stdin:1: string.pack: the firmware's Lua does not have it" .. in_53)
check("local t = table.move({1}, 1, 1, 2)", "stdin:1: table.move: the firmware's Lua does not have it" .. in_53)
check("local a, b = math.sin(1), 2", "stdin:1: math.sin: the firmware's Lua does not have it" .. in_53)
check("local m = math.maxinteger", "stdin:1: math.maxinteger: the firmware's Lua does not have it" .. in_53)
check("local f = load('return 1')", "stdin:1: load of a string: Lua 5.1 has loadstring for that")
check("local f = load(function() end)")
check("tmr.create():alarm(1, 0, function()\n os.time() end)",
  "stdin:2: os.time: the firmware's Lua does not have it\nin a timer")
check("file.putcontents('strict_part.lua', '\\nreturn math.exp(1)')\nlocal done, message = pcall(dofile,"
  .. " 'strict_part.lua')\nfile.remove('strict_part.lua')\nif not done then error(message, 0) end",
  "strict_part.lua:2: math.exp: the firmware's Lua does not have it")

-- syntax
local function refuses(script, what, suffix)
  check(script, ("stdin:%s: the firmware's Lua does not know it%s"):format(what, suffix or in_53))
end
refuses("\nlocal x = 7 // 2", "2: the operator //")
refuses("local x = 7 & 2", "1: the operator &")
refuses("local x = 7 | 2", "1: the operator |")
refuses("local x = 7 ~ 2", "1: the operator ~")
refuses("local x = ~7", "1: the operator ~")
refuses("local x = 7 << 2", "1: the operator <<")
refuses("local x = 7 >> 2", "1: the operator >>")
refuses("goto done\n::done::", "1: goto")
refuses("::done::", "1: goto")
refuses("local s = [[\n]] .. '\\x41'", "2: the escape \\x")
refuses("local s = '\\u{48}'", "1: the escape \\u")
refuses("local s = 'a\\z\n  b'", "1: the escape \\z")
refuses("-- //\nlocal x <const> = 5", "2: an attribute of a local variable", "")

-- What the chip has is not a divergence, and a test for what it lacks is not one either.
check [==[
local unpack = unpack or table.unpack
local a, b = unpack({1, 2})
assert(a ~= b and not (a > b) and a <= b and 2 ^ 2 == 4 and 7 % 2 == 1 and a < b and b > a)
assert(math.floor(2.5) == 2 and math.sqrt(4) == 2 and math.pow(2, 2) == 4 and math.max(1, 2) == 2 and math.pi > 3)
local text = "// & | ~ << >> goto ::x:: <const>" .. [[\x41 // &]] --[[ // & ]] -- //
if utf8 and os and io and string.pack and debug.getinfo then text = "" end
assert(loadstring("return 1")() == 1 and loadstring("x = = ") == nil and debug.traceback("x"))
setfenv(function() end, {})
print(string.format("%s", table.concat({1, 2}, ",")), coroutine.wrap(function() return 1 end)())
]==]

-- Without --strict, the scripts may use all of this Lua.
local status, output, errors = subrun(table.concat(scripts), "--timeout 60")
assert(status == 0 and errors == "", output .. errors)

-- netmcu's modules, code of the command line, and tests are not scripts of the device.
status, output, errors = subrun([[
print(rtctime.epoch2cal(0).year, node.random(1), sjson.encode({1}), struct.pack("B", 65), wifi.sta.getmac() ~= nil)
]], [[--strict --timeout 60 -e "io.write(7 // 2, os.getenv 'HOME' and '' or '', '\n')"]])
assert(status == 0 and errors == "" and output == "3\n1970\t1\t[1]\tA\ttrue\n", output .. errors)

local test = os.tmpname()
local handle = assert(io.open(test, "w"))
handle:write "assert(7 // 2 == 3 and os.time() > 0 and table.pack(1).n == 1)\n"
handle:close()
local pipe = subrun.popen(('"%s" --strict --timeout 60 --test %s 2>&1'):format(subrun.command(), test))
local result = pipe:read "a"
pipe:close()
os.remove(test)
assert(result:find "ok 1" and not result:find "not ok", result)
