-- file: both styles of access, and that no name leads out of the folder.

local flash = require "netmcu.device.flash"
local top = os.tmpname()
os.remove(top)
local root = top .. "/flash"
local function shell(command)
  assert(os.execute(command))
end
shell(("mkdir -p '%s/sub' && echo outside > '%s/secret'"):format(root, top))
flash.mount(root)

-- the object
local f = file.open("a.txt", "w")
assert(f:write("one\n") == true and f:writeline("two") == true and f:write(3) == true and f:flush())
f:close()
assert(file.getcontents("a.txt") == "one\ntwo\n3")
f = file.open("a.txt")
assert(f:readline() == "one\n" and f:read(2) == "tw" and f:read("3") == "o\n3" and f:read() == nil and f:readline() == nil)
for _, wrong in ipairs {"ab", "10", ""} do
  local done, problem = pcall(function() f:read(wrong) end)
  assert(not done and problem:find("test_device_file.lua:%d+: wrong arg range$"), problem)
end
assert(f:seek("set", 4) == 4 and f:read(1e15) == "two\n3" and f:read(1e15) == nil) -- takes no such memory
assert(f:seek("set", 4) == 4 and f:read() == "two\n3" and f:seek() == 9 and f:seek("end", -1) == 8)
assert(f:seek("set", 10) == nil and f:seek("cur", -9) == nil and f:seek("cur") == 8)
assert(f:write("x") == nil and f:write("") == nil and f:seek() == 8)
assert(not pcall(f.seek, f, "sideways") and not pcall(f.seek, f, "set", "x") and not pcall(f.write, f) and not pcall(f.write, f, {}))
f:close()
f:close()
assert(not pcall(f.read, f))

-- the current file
assert(file.open("b.txt", "w+") and file.write("hello") and file.writeline(" world") and file.seek("set", 0) == 0)
assert(file.read() == "hello world\n" and file.read() == nil)
assert(file.seek("set", 6) == 6 and file.read("o") == "wo" and file:seek("set", 0) == 0 and file:read(5) == "hello")
file.close()
file.close()
local ok, message = pcall(file.read)
assert(not ok and message:find("open a file first", 1, true))
local one = file.open("a.txt")
local two = file.open("b.txt")
assert(one:read(3) == "one" and file.read(5) == "hello" and two.seek("set", 1) == 1 and two.read(2) == "el")
two:close()
assert(not pcall(file.read) and one:read() == "\ntwo\n3")
one:close()
assert(file.open("nothing.txt") == nil and file.open("nothing.txt", "r+") == nil)

-- modes
f = file.open("a.txt", "a")
f:write("!")
f:close()
f = file.open("a.txt", "r+")
assert(f:read(1) == "o" and f:write("NE") and f:read(1) == "\n")
f:close()
assert(file.getcontents("a.txt") == "oNE\ntwo\n3!")
-- The position is 0 after every open. A write in mode "a" moves it to the end, even an empty one.
for mode, position in pairs {r = 0, w = 0, a = 10, ["r+"] = 0, ["w+"] = 0, ["a+"] = 10} do
  file.putcontents("modes.txt", "0123456789")
  f = file.open("modes.txt", mode)
  assert(f:seek() == 0, mode)
  f:write("")
  assert(f:seek() == position, mode)
  f:close()
end
f = file.open("a.txt", "a+")
assert(f:write("?") and f:seek("set", 0) == 0 and f:read(3) == "oNE")
f:close()

-- pieces
file.putcontents("long", ("x"):rep(3000) .. "\nend")
f = file.open("long")
assert(#f:read() == 1024 and #f:read(1500) == 1500 and #f:readline() == 477 and f:read() == "end")
f:seek("set", 0)
assert(#f:readline() == 1024)
f:close()

-- names
assert(file.exists("a.txt") == true and file.exists("c.txt") == false and file.exists("sub") == false)
assert(file.rename("a.txt", "c.txt") == true and file.exists("c.txt") and not file.exists("a.txt"))
assert(file.rename("c.txt", "b.txt") == false and file.exists("c.txt") and file.rename("none", "n") == false)
assert(file.putcontents("/FLASH/d.txt", "") == true and file.exists("d.txt") and file.exists("/d.txt"))
assert(file.putcontents("made/up/e.txt", "12345") and file.getcontents("/made/up/e.txt") == "12345")
assert(file.rename("d.txt", "made/d.txt") == true)
local list = file.list()
assert(list["made/up/e.txt"] == 5 and list["made/d.txt"] == 0 and list["c.txt"] and not list["sub"] and not list["made"])
local matching = file.list("%.txt$")
assert(matching["c.txt"] and not matching["long"] and not pcall(file.list, "%"))
assert(file.remove("made/d.txt") == nil and not file.exists("made/d.txt"))
file.remove("none")
local stat = file.stat("made/up/e.txt")
assert(stat.size == 5 and stat.name == "made/up/e.txt" and stat.is_dir == false and stat.is_rdonly == false)
local time = stat.time
assert(time.year == 1970 and time.mon == 1 and time.day == 1 and time.hour == 0 and time.min == 0 and time.sec == 0)
assert(file.stat("made").is_dir == true and file.stat("none") == nil and file.stat("..") == nil)
local remaining, used, total = file.fsinfo()
assert(remaining + used == total and used > 3000 and remaining > 100000)
assert(file.chdir("/FLASH") == true and file.chdir("/SD0") == false and file.mount("/SD0") == nil)
assert(not pcall(file.chdir) and not pcall(file.mount, {}))
file.on("rtc", function() end)
file.on("rtc")
file.on()
assert(not pcall(file.on, "x") and not pcall(file.list, {}) and not pcall(file.open, "b.txt", {}))
assert(not pcall(file.format) and file.exists("c.txt"))
assert(not pcall(file.open) and not pcall(file.open, {}))

-- no way out
shell(("cd '%s' && ln -s ../secret link && ln -s .. up && ln -s '%s' whole && ln '%s/c.txt' hard && mkfifo pipe")
  :format(root, top, root))
local outside = {
  "../secret", "sub/../../secret", "./../secret", "/../secret", "/FLASH/../secret", top .. "/secret", "link",
  "up/secret", "whole/secret", "..", ".", "/", "", "sub/..", "sub/../secret", "a/../../secret", "//..//secret",
  "c.txt\0", "..\0/secret", "\0", ("x"):rep(300), ("x/"):rep(3000) .. "y", ("../"):rep(50) .. "etc/passwd", "/etc/passwd",
  "pipe", "...", "....//secret", "sub",
}
for _, name in ipairs(outside) do
  assert(file.open(name) == nil, name)
  assert(file.open(name, "r+") == nil, name)
  assert(file.exists(name) == false, name)
  assert(file.getcontents(name) == nil, name)
  assert(file.rename(name, "taken") == false, name)
  file.remove(name)
end
local unwritable = {"../new", "sub/../../new", "up/new", "whole/new", "link", "link/x", "../secret", ("y"):rep(300), "n\0ew", "..", "pipe"}
for _, name in ipairs(unwritable) do
  assert(file.open(name, "w") == nil, name)
  assert(file.open(name, "a") == nil, name)
  assert(file.putcontents(name, "bad") == nil, name)
  assert(file.rename("c.txt", name) == false, name)
  assert(loadfile(name) == nil or name == "../secret", name)
end
local secret = io.open(top .. "/secret")
assert(secret:read("a") == "outside\n")
secret:close()
assert(not io.open(top .. "/new") and not file.list()["link"] and not file.list()["up/secret"])
assert(file.list()["hard"] and file.exists("c.txt"))

-- scripts
file.putcontents("part.lua", "return ... or 'part', debug.getinfo(1, 'S').source")
local value, source = dofile("part.lua")
assert(value == "part" and source == "@part.lua")
assert(loadfile("part.lua")(5) == 5 and require("part") == "part")
node.compile("part.lua")
assert(file.getcontents("part.lc"):sub(1, 4) == "\27Lua" and dofile("part.lc") == "part")
file.putcontents("lib/inner.lua", "return {name = ...}")
assert(require("lib.inner").name == "lib.inner")
file.putcontents("bad.lua", "x = = 1")
ok, message = pcall(dofile, "bad.lua")
assert(not ok and message:find("^bad.lua:1: "), message)
ok, message = pcall(dofile, "missing.lua")
assert(not ok and message == "cannot open missing.lua", message)
ok, message = pcall(require, "missing")
assert(not ok and message:find("module 'missing' not found", 1, true))
ok, message = pcall(node.compile, "missing.lua")
assert(not ok and message:find("cannot open missing.lua", 1, true))
assert(not pcall(node.compile, "part.lc") and not pcall(node.compile, "bad.lua"))

-- bytecode of a device: its source is run if there is one
local strange = "\27LuaQ\0\1\4\4\4\8\0"
file.putcontents("strange.lc", strange)
ok, message = loadfile "strange.lc"
assert(not ok and message:find("^strange.lc: ") and message:find('; node.compile("strange.lua") makes', 1, true), message)
assert(not pcall(require, "strange"))
file.putcontents("strange.lua", "return 'source', ...")
assert(dofile "strange.lc" == "source" and require "strange" == "source")

shell(("rm -r '%s'"):format(top))
