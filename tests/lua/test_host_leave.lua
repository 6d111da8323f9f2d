-- netmcu.host.leave ends the run. The runner carries out the reason, and a library host is told the
-- reason by run(). The host also says how the state was started.

local host = require "netmcu.host"
local subrun = require "subrun"

assert(host.boot == nil and host.startup == nil and host.formattable == false)
assert(not pcall(host.leave, "elsewhere"))

-- After the script has asked for its end, none of its functions is called.
local status, output, errors = subrun [[
tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
  print "first"
  require "netmcu.host".leave "end"
  node.task.post(function() print "a task" end)
end)
tmr.create():alarm(5, tmr.ALARM_SINGLE, function() print "a timer" end)
]]
assert(status == 0 and output == "first\n" and errors == "", output .. errors)

-- In a stock Lua, run() returns the reason, and the program goes on.
status, output, errors = subrun.lua [[
local netmcu = require "netmcu"
netmcu.install()
print(node.bootreason(), gpio.HIGH, crypto and type(crypto.hash), type(sjson.encode))
node.task.post(function() node.restart() end)
print(netmcu.run())
node.task.post(function() node.dsleep(1000) end)
print(netmcu.run())
node.task.post(function() node.dsleep(0) end)
print(netmcu.run())
netmcu.gpio.set(3, 1)
netmcu.adc.set(100)
print(gpio.read(3), adc.read(0))
]]
if status then
  assert(status == 0 and output == "1\t1\tfunction\tfunction\nrestart\nsleep\nend\n1\t100\n", output .. errors)
end
