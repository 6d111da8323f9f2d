-- netmcu.host.warn prints a warning once for each line of the script at the given level, and raises
-- an error under strict. The warnings of the device's modules have the line of the script, even if
-- it calls their functions through pcall.

local subrun = require "subrun"

local script = [[
local host = require "netmcu.host"
local function module(level) host.warn("an id", "the text", level) end
for i = 1, 2 do
  module(2)
end
module(2)
module()
host.warn("another id", "the text")
]]
local status, output, errors = subrun(script)
assert(status == 0 and output == "" and errors == [[
netmcu: stdin:4: the text
netmcu: stdin:6: the text
netmcu: stdin:2: the text
netmcu: stdin:8: the text
]], errors)

status, output, errors = subrun(script, "--no-warnings")
assert(status == 0 and errors == "", errors)

status, output, errors = subrun(script, "--strict")
assert(status == 1 and errors:find "^netmcu: stdin:4: the text\n", errors)

-- a warning of a device module
script = [[
local name = ("x"):rep(32)
local f = file.open(name, "w")
f:close()
file.remove(name)
]]
status, output, errors = subrun(script, "--root new_flash")
assert(status == 0 and errors:find("netmcu: stdin:2: a name of 32 bytes: the device takes 31", 1, true), errors)
status, output, errors = subrun(script, "--strict --root new_flash")
assert(status == 1 and errors:find("netmcu: stdin:2: ", 1, true), errors)

-- calls through pcall, which has no line of its own
script = [[
local sk = net.createConnection()
pcall(sk.close, sk)
pcall(pcall, sk.close, sk)
for _ = 1, 2 do
  pcall(sk.close, sk)
end
pcall(file.open, ("x"):rep(32), "w")
file.remove(("x"):rep(32))
coroutine.wrap(function() pcall(sk.close, sk) end)()
coroutine.wrap(sk.close)(sk)
tmr.create():alarm(1, tmr.ALARM_SINGLE, coroutine.wrap(function() pcall(net.createServer, 0) end))
]]
local closed = "close of a socket that is not open: the device raises \"not connected\"\n"
status, output, errors = subrun(script, "--root new_flash")
assert(status == 0 and errors == "netmcu: stdin:2: " .. closed .. "netmcu: stdin:3: " .. closed .. "netmcu: stdin:5: " ..
  closed .. "netmcu: stdin:7: a name of 32 bytes: the device takes 31\n" .. "netmcu: stdin:9: " .. closed .. "netmcu: " ..
  closed .. "netmcu: stdin:11: server time-out of 0 s: the device takes 1 to 28800\n", errors)
status, output, errors = subrun("print(pcall(net.createServer, 0))", "--strict")
assert(output == "false\tstdin:1: server time-out of 0 s: the device takes 1 to 28800\n", output)
