-- tmr.now() counts µs in 31 bits, tmr.time() counts seconds, and tmr.delay(µs) waits. wdclr, softwd
-- and ccount exist.

local netmcu = require "netmcu"
local subrun = require "subrun"

assert(tmr.ALARM_SINGLE == 0 and tmr.ALARM_AUTO == 1 and tmr.ALARM_SEMI == 2)
local before = tmr.now()
assert(math.type(before) == "integer" and before >= 0 and before < 2^31)
assert(math.type(tmr.time()) == "integer" and tmr.time() >= 0)
tmr.delay(20000)
local passed = tmr.now() - before
assert(passed >= 20000 and passed < 5e6, passed)
for _, wrong in ipairs {0, -1} do
  assert(not pcall(tmr.delay, wrong))
end
assert(not pcall(tmr.delay))
assert(select("#", tmr.wdclr()) == 0 and select("#", tmr.softwd(-1)) == 0)
local cycles = tmr.ccount()
assert(math.type(cycles) == "integer" and cycles >= 0 and cycles < 2^32)

-- a timer of a script that has computed for a while starts at the time of its call
local started
tmr.delay(30000)
started = tmr.now()
local late
tmr.create():alarm(20, tmr.ALARM_SINGLE, function() late = tmr.now() - started end)
netmcu.run()
assert(late >= 19000, late)

-- a finalizer that runs after the end of the context sees a clock that does not advance
local status, output, errors = subrun.lua [[
local tmr
kept = setmetatable({}, {__gc = function()
  local now = tmr.now()
  tmr.delay(4000000000)
  print(now > 0, tmr.now() == now)
end})
tmr = require "tmr"
]]
assert(status == nil or status == 0 and output == "true\ttrue\n", errors or output)
