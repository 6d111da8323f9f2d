-- netmcu.host.warn: once for each line of the script that is at the given level, an error under strict. What modules of the
-- device warn of has the line of the script.

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

-- a module of the device
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
