-- In a stock Lua, netmcu.install() gives a program the device's globals. A second call changes nothing.

local subrun = require "subrun"

local status, output, errors = subrun.lua [[
local netmcu = require "netmcu"
netmcu.install(".")
local print_of_first = print
netmcu.install(".")
assert(print == print_of_first and string.format("%d", 2.5) == "2" and ("%d" % 3) == "3")
assert(getmetatable(_G).__index.wifi == wifi and tmr.create and net.createServer)
print "done"
]]
if status then
  assert(status == 0 and output == "done\n", errors)
end

-- A program that has made its globals strict keeps its metatable.
status, output, errors = subrun.lua [[
setmetatable(_G, {__index = function(_, name) error("no variable " .. name, 2) end})
require "netmcu".install(".")
assert(not pcall(function() return nothing end) and node.heap() > 0)
print "done"
]]
if status then
  assert(status == 0 and output == "done\n", errors)
end
