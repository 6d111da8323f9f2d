-- A traceback is about the script: of netmcu's own functions it names only those that the script
-- has called, and it ends at the event or at the test.

local subrun = require "subrun"

local function trace_of(script, options)
  local status, output, errors = subrun(script, options)
  assert(status == 1 and not errors:find "netmcu%.device", errors)
  return errors, output
end

local function check(script, expected)
  local errors = trace_of(script)
  assert(errors:sub(1, #expected) == expected, errors)
  assert(select(2, errors:gsub("%[C%]: in %?", "")) == select(2, expected:gsub("%[C%]: in %?", "")), errors)
end

check([[
local function outer()
  dofile("nothing.lua")
end
outer()]], [[
netmcu: cannot open nothing.lua
stack traceback:
	[C]: in function 'dofile'
	stdin:2: in local 'outer'
	stdin:4: in main chunk
	[C]: in ?
]])

check([[
local opened = file.open(nil)]], [[
netmcu: stdin:1: bad argument #1 to 'open' (string expected, got no value)
stack traceback:
	[C]: in function 'open'
	stdin:1: in main chunk
	[C]: in ?
]])

check([[
local packed = struct.pack(nil)]], [[
netmcu: stdin:1: attempt to get length of a nil value (local 'format')
stack traceback:
	[C]: in function 'pack'
	stdin:1: in main chunk
	[C]: in ?
]])

-- a function that netmcu has called
check([[
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(details)
  error "got it"
end)]], [[
netmcu: stdin:2: got it
in a task
stack traceback:
	[C]: in function 'error'
	stdin:2: in local 'fn'
	[C]: in ?
]])

-- in an event while the script runs the loop, the call of wait() has a traceback of its own
local in_wait = trace_of [[
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error "rings" end)
require "netmcu".wait(function() end, 5000)]]
assert(in_wait:find("^netmcu: stdin:1: rings\nin a timer\nstack traceback:\n\t%[C%]: in function 'error'\n" ..
  "\tstdin:1: in function <stdin:1>\n\t%[C%]: in %?\nstack traceback:\n\t[^\n]*wait'\n\tstdin:2: in main chunk\n"), in_wait)

-- an error that is not a text
check([[
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error {} end)]], [[
netmcu: (error object is a table value)
in a timer
stack traceback:
	[C]: in function 'error'
	stdin:1: in function <stdin:1>
	[C]: in ?
]])

-- a script that runs the loop gets the error object itself
local status, output, errors = subrun [[
local netmcu = require "netmcu"
local object = {}
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error(object) end)
local done, problem = pcall(netmcu.run)
print(done, problem == object)
]]
assert(status == 0 and output == "false\ttrue\n", output .. errors)

-- a script whose name looks like that of a module
local named = assert(io.open("netmcu.test.lua", "w"))
named:write 'error "here"'
named:close()
local own_script = trace_of 'dofile "netmcu.test.lua"'
assert(own_script:find("netmcu: netmcu.test.lua:1: here\nstack traceback:\n\t[C]: in function 'error'\n" ..
  "\tnetmcu.test.lua:1: in main chunk\n", 1, true), own_script)
os.remove "netmcu.test.lua"
