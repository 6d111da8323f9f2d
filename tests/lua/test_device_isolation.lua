-- A script's own names do not reach netmcu's modules: on the device these are C, which looks up no
-- globals.
--
-- First the test keeps what it needs itself. Then every standard global, every function of the
-- standard libraries, the __index of strings and every entry of package.loaded is replaced by garbage,
-- and the modules are used, most of them for the first time.

local expect = require "expect"
local kept = {}
for name, value in pairs(_G) do
  kept[name] = value
end
local assert, error, pairs, pcall, select, tostring, type = assert, error, pairs, pcall, select, tostring, type
local remove, find, getmetatable, tmpname = os.remove, string.find, getmetatable, os.tmpname
local modules = {}
for _, name in ipairs(require "netmcu.device.init".names()) do
  modules[name] = _G[name]
end
local flash = require "netmcu.device.flash"
local finish, wait, mkfolder = expect.finish, require "netmcu".wait, os.execute
local function load_libraries() -- the helpers of this test see the real libraries
  for name, value in pairs(kept) do
    _G[name] = value
  end
end

local folder = tmpname()
remove(folder)
mkfolder("mkdir " .. folder)
flash.mount(folder)
local shadowed = {}
local libraries = {
  string, table, math, os, io, debug, coroutine, utf8, package, package.loaded, package.preload,
}
for _, library in pairs(libraries) do
  local copy = {}
  for name, value in pairs(library) do
    copy[name] = value
  end
  shadowed[library] = copy
end
local strings = getmetatable ""
local index = strings.__index

local function spoil()
  for library, copy in pairs(shadowed) do
    for name in pairs(copy) do
      library[name] = "garbage"
    end
  end
  for name in pairs(kept) do
    if name ~= "_G" and name ~= "print" then
      _G[name] = "garbage"
    end
  end
  strings.__index = "garbage"
end

local function restore()
  for library, copy in pairs(shadowed) do
    for name, value in pairs(copy) do
      library[name] = value
    end
  end
  strings.__index = index
  load_libraries()
end

-- A failure is kept and raised when the names are right again.
local function with_garbage(fn)
  spoil()
  local done, message = pcall(fn)
  restore()
  if not done then
    error(message, 0)
  end
end

local print, dofile, loadstring, loadfile, unpack = print, dofile, loadstring, loadfile, unpack
local m = modules

with_garbage(function()
  print("two", "values")
  assert(m.file.putcontents("a.lua", "return 3, ..."))
  assert(m.file.exists("a.lua") and m.file.list()["a.lua"] and m.file.stat("a.lua").size > 0)
  local file = m.file.open("b.txt", "w")
  file:writeline("hello")
  file:close()
  assert(m.file.open("b.txt"))
  assert(m.file.readline() == "hello\n")
  m.file.close()
  assert(dofile("a.lua") == 3 and loadfile("a.lua")() == 3 and loadstring("return 7")() == 7)
  assert(loadstring("return '\\/'")() == "/" and unpack({8}) == 8)
  m.node.compile("a.lua")
  assert(dofile("a.lc") == 3)
  local done, message = pcall(m.file.open)
  assert(not done and find(message, "string expected, got no value", 1, true), message)
end)

with_garbage(function()
  assert(m.crypto.toHex("a") == "61" and m.encoder.fromHex("61") == "a")
  assert(m.bit.band(7, 3) == 3 and m.bit.isset(4, 2) and #m.struct.pack(">I2", 1) == 2)
  assert(m.struct.unpack(">I2", "\0\1") == 1)
  m.gpio.mode(1, m.gpio.OUTPUT)
  m.gpio.write(1, 1)
  assert(m.gpio.read(1) == 1 and m.adc.read(0) == 0)
  local pipe = m.pipe.create()
  pipe:write("line\nrest")
  assert(pipe:read("\n+") == "line\n" and pipe:nrec() == 1)
  assert(m.rtctime.epoch2cal(0).year == 1970 and m.rtctime.get() > 0)
  assert(m.uart.setup(0, 115200, 8, 0, 1, 1) == 115200)
end)

if not require "netmcu.json".missing then
  with_garbage(function()
    assert(m.sjson.encode({1, 2}) == "[1,2]" and m.sjson.decode('{"a":[1]}').a[1] == 1)
  end)
end

if not require "netmcu.hash".missing then
  with_garbage(function()
    assert(m.encoder.toBase64("hello") == "aGVsbG8=")
    assert(m.crypto.toHex(m.crypto.hash("md5", "")) == "d41d8cd98f00b204e9800998ecf8427e")
  end)
end

local failed
with_garbage(function()
  m.rtcfifo.prepare()
  m.rtcfifo.put(5, 6, 1, "name")
  assert(select(4, m.rtcfifo.pop()) == "name" and m.rtcmem.read32(0) == 0)
  m.rtctime.set(5)
  m.cron.schedule("*/5 * * * *", function() end):unschedule()
  m.sntp.sync({}, nil, function(code) failed = code end)
  assert(m.sntp.getoffset() == 0 and m.node.LFS.list() == nil and m.node.flashindex("x") == nil)
end)
wait(function() return failed == 1 end)

-- One module calls functions of another after the script has removed them from its own tables.
with_garbage(function()
  local sta, wifi = m.wifi.sta, m.wifi
  assert(type(sta.getmac()) == "string")
  sta.getmac, m.file.getcontents, m.tmr.create, m.net.ifinfo = nil, nil, nil, nil
  assert(m.node.chipid() > 0 and m.node.info("hw").chip_id == m.node.chipid())
  m.node.compile("a.lua")
  wifi.sta.eventMonReg(wifi.STA_IDLE, function() end)
  wifi.sta.eventMonStart()
  wifi.sta.eventMonStop(true)
  assert(m.node.random(5) <= 5 and m.node.heap() > 0)
end)

-- What runs later, on the loop, while the names are still garbage.
local printed, posted, listed = "", false, nil
spoil()
local started, problem = pcall(function()
  m.node.output(function(text) printed = printed .. tostring(text) end, 0)
  m.node.input("print('from', 'the prompt')\n=1 + 1\n")
  m.node.task.post(function() posted = true end)
  m.wifi.sta.getap(function(list) listed = list end)
end)
wait(function() return posted and listed and find(printed, "> 2\n", 1, true) end, 5000)
local output_ended, output_problem = pcall(m.node.output)
restore()
assert(started, problem)
assert(output_ended, output_problem)
assert(posted and type(listed) == "table")
assert(find(printed, "from\tthe prompt\n", 1, true) and find(printed, "> 2\n", 1, true), printed)

-- `arg` of Lua 5.1 needs no global of the script.
string, table, select = "", {}, nil
local count = loadstring("local function f(...) return arg.n end return f(1, nil, nil)")()
string, table, select = kept.string, kept.table, kept.select
assert(count == 3)

-- A `print` of the script that fails is reported at the prompt, as the device's interpreter does.
local lines = ""
node.output(function(text) lines = lines .. text end, 0)
_G.print = "garbage"
node.input("=5\n")
wait(function() return lines:find("> $") end, 5000)
node.output()
print = kept.print
_G.print = kept.print
assert(lines:find("error calling 'print' (attempt to call a string value)", 1, true), lines)

-- The script's require finds the modules' own instances, and nothing for a name that only begins with theirs.
assert(require "netmcu.device.flash" == flash and require "netmcu" == require "netmcu")
for _, name in ipairs {"netmcu.nothing", "netmcu.", "netmcux"} do
  local found, problem = pcall(require, name)
  assert(not found and problem:find("not found", 1, true), problem)
end

for _, name in ipairs {"a.lua", "a.lc", "b.txt"} do
  file.remove(name)
end
os.remove(folder)
finish()
