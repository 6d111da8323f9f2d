-- The functions of Lua 5.1 that scripts use and Lua 5.4 lacks.

-- functions that were moved or dropped
assert(select("#", unpack {1, 2, 3}) == 3 and unpack({1, 2, 3}, 2) == 2)
assert(loadstring("return 1 + 1")() == 2)
local chunk, message = loadstring("return +", "=name")
assert(chunk == nil and message:find("^name:1:"))
assert(table.getn {1, 2, 3} == 3)
assert(string.gfind("a1b2", "%d")() == "1")
assert(math.pow(2, 10) == 1024 and math.mod(7, 3) == 1 and math.log10(1000) - 3 < 1e-9)
assert(package.loaders == package.searchers)
assert(gcinfo() > 0)

local seen = {}
assert(table.foreach({a = 1, b = 2}, function(k, v) seen[k] = v end) == nil and seen.a == 1 and seen.b == 2)
assert(table.foreach({a = 1}, function(k) return k end) == "a")
assert(table.foreachi({5, 6, 7}, function(i, v) if v == 6 then return i end end) == 2)
assert(table.maxn {[3] = 1, [10] = 2, x = 3} == 10 and table.maxn {} == 0)

-- fractions for integers, which 5.4 refuses
assert(string.format("%d", 2.5) == "2" and string.format("%d", -2.5) == "-2" and string.format("%d", "3.7") == "3")
assert(("%d %s %5.1f %x"):format(1.9, 2.5, 2.25, 255.9) == "1 2.5   2.2 ff")
assert(("%%%d%%"):format(7.5) == "%7%" and ("%u and %03u"):format(5, 6.5) == "5 and 006")
assert(("%d"):format(2^31) == "2147483648")
assert(string.char(65.7, 66.2) == "AB" and ("abc"):sub(5 / 2, 3) == "bc" and ("x"):rep(2.9) == "xx")
assert(("abc"):byte(2.5) == 98)
for _ = 1, 20 do
  local value = math.random(5 / 2)
  assert(value == 1 or value == 2)
end
assert(math.random() < 1)
math.randomseed(5 / 2)
assert(unpack({1, 2, 3}, 3 / 2, 5 / 2) == 1 and select("#", table.unpack({1, 2, 3}, 1, 2.9)) == 2)
-- a number in place of a text keeps its fraction
assert(string.sub(21.4375, 1, 4) == "21.4" and string.rep(1.5, 2) == "1.51.5" and string.byte(2.5, 3) == 53)

-- a percent sign that 5.4 refuses
assert(("a-b"):gsub("%-", "%-") == "a-b" and ("a b"):gsub(" ", "%_%%%0%.") == "a_% .b" and ("ab"):gsub("(a)", "%1%1") == "aab")
assert(not pcall(string.gsub, "a", "a", "%2") and ("a"):gsub("a", {a = "%-"}) == "%-")

-- the messages still name the function and the line
local ok, problem = pcall(function() return string.format("%d", "x") end)
assert(not ok and problem:find("test_compat_functions.lua:42: bad argument #2 to 'format'", 1, true), problem)
ok, problem = pcall(function() return ("x"):rep({}) end)
assert(not ok and problem:find("bad argument #1 to 'rep'", 1, true), problem)

-- 10/2 prints as in the firmware's Lua 5.3 build
assert(tostring(10 / 2) == "5.0")

-- more fractions
assert(("abcb"):find("b", 7 / 2) == 4 and ("abc"):match(".", 5 / 2) == "b")
assert(table.concat({1, 2, 3}, ",", 3 / 2, 5 / 2) == "1,2" and table.remove({7, 8, 9}, 5 / 2) == 8)

-- positions outside of the list
local list = {1, 2}
table.insert(list, 5, "far")
table.insert(list, 0, "front")
assert(list[5] == "far" and list[0] == "front" and list[1] == nil and list[2] == 1 and list[3] == 2)
list = {1, 2}
table.insert(list, 3 / 2, 0)
table.insert(list, 3)
assert(table.concat(list, ",") == "0,1,2,3" and not pcall(table.insert, list, -5000, 1))
assert(select("#", table.remove(list, 6)) == 0 and select("#", table.remove(list, 0)) == 0 and #list == 4)
assert(table.remove(list, 1) == 0 and table.remove(list) == 3 and table.remove({}, 1) == nil)
list = setmetatable({}, {__len = function() return 0x7fffffffffffffff end})
table.insert(list, 2, "in an endless list")
assert(rawget(list, 2) == "in an endless list")
ok, problem = pcall(function() table.insert({}, "x", 1) end)
assert(not ok and problem:find("test_compat_functions.lua:%d+: bad argument #2 to 'insert'"), problem)

-- require returns one value, so that its result can be an argument
package.preload["compat.part"] = function() return {number = 1} end
list = {}
table.insert(list, require "compat.part")
assert(list[1].number == 1 and select("#", require "compat.part") == 1 and select("#", require "bit") == 1)
ok, problem = pcall(function() require "compat.missing" end)
assert(not ok and problem:find("test_compat_functions.lua:%d+: module 'compat.missing' not found"), problem)

-- outside of a coroutine, the first value is that of 5.1, and the second that of 5.3
local thread, is_main = coroutine.running()
assert(thread == nil and is_main == true)
thread = coroutine.create(function() return coroutine.running() end)
assert(select(2, coroutine.resume(thread)) == thread)

-- the firmware's options
assert(collectgarbage("setmemlimit", 8) == 0 and collectgarbage "getmemlimit" == 0 and collectgarbage "count" > 0)
assert(not pcall(collectgarbage, "memlimit"))

-- environments
local named, complaint = pcall(module)
assert(not named and complaint:find("bad argument #1 to 'module' (string expected, got no value)", 1, true), complaint)
local environment = {}
local function set_x() x_of_test = 1 end
local function get_x() return x_of_test end
assert(setfenv(set_x, environment) == set_x)
set_x()
assert(environment.x_of_test == 1 and rawget(_G, "x_of_test") == nil and get_x() == nil)
assert(getfenv(set_x) == environment and getfenv(get_x) == _G and getfenv(1) == _G and getfenv() == _G)
assert(getfenv(print) == _G and getfenv(0) == _G)

local inner = {tostring = tostring}
local function level()
  setfenv(1, inner)
  made_inside = tostring(5)
  return function() return made_inside end
end
assert(level()() == "5" and inner.made_inside == "5" and rawget(_G, "made_inside") == nil)
assert(not pcall(setfenv, string.len, {}) and not pcall(setfenv, set_x, 5) and not pcall(getfenv, -1))

local stripped = load(string.dump(loadstring("return y_of_test"), true))
setfenv(stripped, {y_of_test = 7})
assert(stripped() == 7)

-- module
local function define()
  module("compat.counter", package.seeall)
  count = 0
  function step(by)
    count = count + (by or 1)
    return tostring(count)
  end
end
define()
local counter = require "compat.counter"
assert(counter == compat.counter and counter.step() == "1" and counter.step(4) == "5" and counter.count == 5)
assert(counter._NAME == "compat.counter" and counter._PACKAGE == "compat." and counter._M == counter)
assert(rawget(_G, "count") == nil and rawget(_G, "step") == nil)

-- negative numbers have the 32 bits of the chip; scripts print checksums of the module bit this way
assert(("%x %08X %o"):format(-1, -2, -1) == "ffffffff FFFFFFFE 37777777777")
assert(("%u %x"):format(-1, "-1") == "4294967295 ffffffff" and ("%x"):format(-1.5) == "ffffffff")
assert(("%x %x"):format(-2147483648, 4294967295) == "80000000 ffffffff")
assert(("%d %i"):format(-1, -2) == "-1 -2" and ("%x"):format(-2147483649) == "ffffffff7fffffff")
