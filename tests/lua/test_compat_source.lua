-- Source that Lua 5.1 accepts: the implicit `arg`, and escapes that 5.4 refuses. Lines keep their numbers.

local function run(text, ...)
  return assert(loadstring(text, "=old"))(...)
end

-- the implicit arg
local function count_args(...)
  return arg.n, arg[1], arg[3]
end
local n, first, third = count_args("a", nil, "c")
assert(n == 3 and first == "a" and third == "c")
assert(select("#", count_args()) == 3 and count_args() == 0)

local function through_inner(...)
  local function inner() return arg[1] end
  return inner()
end
assert(through_inner(42) == 42)

local function own_local(...)
  local arg = {...}
  return arg.n, #arg
end
local none, size = own_local(1, 2)
assert(none == nil and size == 2)

local object = {name = "o"}
function object:method(first_one, ...)
  return self.name, first_one, arg.n
end
local name, one, rest = object:method(1, 2, 3)
assert(name == "o" and one == 1 and rest == 2)

-- a parameter, a field or a string called arg does not count
assert(run [[ local function f(arg, ...) return arg end return f(5) ]] == 5)
assert(run [[ local function f(...) return arg.n end local _ENV = {} return f(1, nil) ]] == 2)
assert(run [[ local _ENV = {} local function f(...) return arg.n end return f(1, nil) ]] == 2)
assert(run [[ local function f(...) local t = {arg = 1} return t.arg, ... end return f() ]] == 1)
assert(run [[ local function f(...) return "arg", --[=[ arg ]=] #[==[arg]==] end return (f()) ]] == "arg")
assert(run [[ local function outer(...) return function(arg) return arg end end return outer(1)(9) ]] == 9)

-- the lines after it keep their numbers
local ok, message = pcall(run, "local function f(...)\n local a = arg\n error('here')\nend\nf()")
assert(not ok and message:find("^old:3: here"), message)

-- the blocks around the function, of each kind, end where they should
assert(run [[
  local function f(...)
    for i = 1, 1 do while true do if i then repeat break until true end break end end
    do local x = function() end end
    return arg.n
  end
  return f(1, 2)
]] == 2)

-- whether a block is open after each line of a text: * if so
local nesting = require "netmcu.device.source".nesting
for lines, expected in pairs {
  ["x = 1|y = 2"] = "..", ["if x then|else|end"] = "**.", ["for i = 1, 2 do|while x do|end|end"] = "***.",
  ["repeat|until x"] = "*.", ["f = function()|return function() end|end"] = "**.", ["x =|5"] = "..",
  ["t = {|{1},|}"] = "**.", ["f(|a[|1])"] = "**.", ["x = [[|end ]]"] = "*.", ["x = [==[|]]|]=]|]==]"] = "***.",
  ["--[[ do|]] x = 1"] = "*.", ["-- do|--[ do|x = '{' .. \"do\""] = "...", ["x = 'a\\|do {'"] = "*.", ["x = \"\\z|  do\""] = "*.",
  ["x = 'a\\'do'|y"] = "..", ["doing = endless|x.y['do'] = 0x1e"] = "..", ["x = '\\\\'|do|end"] = ".*.", ["x = 'open|do|end"] = ".*.",
  ["do --[[|]]|end"] = "**.", ["[[x|]]"] = "*.", ["a[b[1]]|x"] = "..", ["x = [[||]]"] = "**.",
} do
  local is_inside, answer = nesting(), ""
  for line in (lines .. "|"):gmatch("(.-)|") do
    answer = answer .. (is_inside(line) and "*" or ".")
  end
  assert(answer == expected, lines .. ": " .. answer)
end

-- a string that continues on the next line
assert(run("local function f(...) local s = 'x\\z\n  (' return arg.n end return f(1, 2)") == 2)

-- escapes
assert(run [[ return "a\/b\.c\-d" ]] == "a/b.c-d")
assert(run [[ return 'it\'s \"q\" \\/ \n \65 \x41 \z
   end' ]] == "it's \"q\" \\/ \n A A end")
assert(run [[ return "\%d", [=[\/]=] -- "\/
]] == "%d")
local bad, why = loadstring("local s = '\\/' return ++", "=old")
assert(bad == nil and why:find("^old:1:"))
ok, message = pcall(run, "local s = '\\/'\nerror('there')")
assert(not ok and message:find("^old:2: there"), message)

-- a first line for the shell, and a byte order mark
assert(run("#!/usr/bin/lua\nreturn 1") == 1 and run("\xef\xbb\xbfreturn 2") == 2)
