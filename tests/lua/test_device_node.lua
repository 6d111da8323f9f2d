-- node: tasks, memory, identity, random numbers, errors. What would end the run only notes its request.

local expect = require "expect"
local host = require "netmcu.host"

-- tasks: the highest priority runs first, a chain of tasks continues, a task gets its priority
local order = {}
for priority = node.task.LOW_PRIORITY, node.task.HIGH_PRIORITY do
  node.task.post(priority, expect(function(told) order[#order + 1] = told end, 1))
end
local chain = 0
local function again()
  chain = chain + 1
  if chain < 5 then
    node.task.post(again)
  end
end
node.task.post(again)
node.task.post(0, function() node.task.post(0, function()
  node.task.post(0, function() node.task.post(0, function() node.task.post(0, expect(function()
    assert(table.concat(order, " ") == "2 1 0" and chain == 5)
  end, 1)) end) end)
end) end)
assert(not pcall(node.task.post, 3, print) and not pcall(node.task.post, 1) and not pcall(node.task.post, "x"))

-- memory
local before = node.heap()
local kept = {}
for i = 1, 1000 do
  kept[i] = {i}
end
assert(math.type(before) == "integer" and before <= 45000 and node.heap() < before and node.heap() > 0)
kept = nil
node.egc.setmode(node.egc.ALWAYS, 4096)
node.egc.setmode(node.egc.ON_MEM_LIMIT, -4096)
assert(not pcall(node.egc.setmode) and not pcall(node.egc.setmode, 8) and not pcall(node.egc.setmode, -1))
assert(not pcall(node.egc.setmode, node.egc.ON_MEM_LIMIT) and not pcall(node.egc.setmode, 6, 0))
assert(node.egc.meminfo() > 0)

-- identity
assert(math.type(node.chipid()) == "integer" and node.chipid() > 0 and node.chipid() < 2^24)
assert(node.flashid() and node.flashsize() == 4194304 and node.getcpufreq() == 80)
assert(node.setcpufreq(node.CPU160MHZ) == 160 and node.getcpufreq() == 160 and node.setcpufreq(node.CPU80MHZ) == 80)
assert(node.setcpufreq("160") == 160 and not pcall(node.setcpufreq) and node.getcpufreq() == 160)
local major, minor, dev, chip, flash, kilobytes = node.info()
assert(major == 3 and minor == 0 and dev == 0 and chip == node.chipid())
assert(flash == node.flashid() and kilobytes == 4096 and node.info("hw").flash_size == 4096)
assert(node.info("sw_version").node_version_major == 3)
assert(node.info("build_config").modules:find("wifi", 1, true) and not pcall(node.info, "x"))
local code, reason = node.bootreason()
assert(code and reason)

-- random
local ok, message
for _ = 1, 100 do
  local die, number, small = node.random(6), node.random(), node.random(-3, -1)
  assert(die >= 1 and die <= 6 and math.type(die) == "integer" and number >= 0 and number < 1)
  assert(small >= -3 and small <= -1)
end
assert(node.random(5, 5) == 5 and not pcall(node.random, 2, 1))

assert(math.type(node.random(math.mininteger, math.maxinteger)) == "integer")
assert(node.random(math.mininteger, -1) < 0 and node.random(math.maxinteger) > 0 and node.random("3") <= 3)
for _, wrong in ipairs {0 / 0, math.huge, 1e300, "x", {}} do
  ok, message = pcall(function() local number = node.random(wrong) return number end)
  assert(not ok and message:find("test_device_node.lua:%d+: bad argument #2 to 'random'"), message)
end

-- the options of the next start
local startup = node.startup()
assert(startup.banner == true and startup.delay_mount == false and startup.frequency == 80 and startup.command == nil)
startup = node.startup {banner = false, frequency = node.CPU160MHZ, delay_mount = true, command = "@other.lua"}
assert(startup.banner == false and startup.delay_mount == true and startup.frequency == 160)
assert(startup.command == "@other.lua" and host.startup == "@other.lua" and node.startupoption() == 7)
expect.raises("bad argument #1 to 'startupoption' (number expected, got table)", node.startupoption, {})
assert(node.startup({banner = true}).delay_mount == true and node.startup().banner == true)
assert(not pcall(node.startup, 5) and not pcall(node.startup, {command = {}}))
host.startup = nil

-- functions that exist, that only the device has, and that nothing has
ok, message = pcall(function() node.setpartitiontable {} end)
assert(not ok and message:find("node.setpartitiontable is not provided on the desktop", 1, true))
assert(node.nonsense == nil and type(node.setpartitiontable) == "function" and wiegand == nil)
assert(require "node" == node and require "cjson" == sjson and cjson == sjson)
for name in pairs(node) do
  assert(name ~= "setpartitiontable")
end
local seen = {}
for _, name in ipairs(require "netmcu.device.init".globals()) do
  seen[name] = true
end
assert(seen["node.heap"] and seen["wifi.sta.getip"] and seen["node.task.post"] and not seen["wifi.nonsense"])

-- the ways to leave the run
local asked = {}
local leave = host.leave
host.leave = function(how, us) asked[#asked + 1] = how .. " " .. tostring(us) end
node.restart()
node.dsleep(1500.5)
node.dsleep(0)
node.dsleep(nil, 4)
node.dsleep()
rtctime.dsleep(0)
host.leave = leave
assert(table.concat(asked, ",") == "restart nil,sleep 1500,end nil,sleep 1", table.concat(asked, ","))

-- setonerror passes its function to the host
local onerror, handler = host.onerror, nil
host.onerror = function(fn) handler = fn end
local function see() end
node.setonerror(see)
assert(handler == see)
node.setonerror(nil)
assert(handler == nil)
host.onerror = onerror

-- the cost of a task does not depend on how many wait
local count = 0
for _ = 1, 200000 do
  node.task.post(node.task.LOW_PRIORITY, function() count = count + 1 end)
end
node.task.post(node.task.HIGH_PRIORITY, function() assert(count == 0) end)
assert(require "netmcu".wait(function() return count == 200000 end, 20000), "tasks are slow: " .. count)
