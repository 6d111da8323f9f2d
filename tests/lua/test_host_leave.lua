-- netmcu.host.leave and what the runner and a library host make of it; what the host tells about the start.

local host = require "netmcu.host"
local subrun = require "subrun"

assert(host.boot == nil and host.startup == nil and host.formattable == false)
assert(not pcall(host.leave, "elsewhere"))

-- Nothing of the script is called after it has asked for its end.
local status, output, errors = subrun [[
tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
  print "first"
  require "netmcu.host".leave "end"
  node.task.post(function() print "a task" end)
end)
tmr.create():alarm(5, tmr.ALARM_SINGLE, function() print "a timer" end)
]]
assert(status == 0 and output == "first\n" and errors == "", output .. errors)

-- A program with a stock Lua is told why, and goes on as it likes.
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
