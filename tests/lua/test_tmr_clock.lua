-- tmr.now() in µs, of 31 bits; tmr.time() in s; tmr.delay(µs) waits; wdclr, softwd, ccount are there.

local netmcu = require "netmcu"

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
assert(select("#", tmr.wdclr()) == 0 and select("#", tmr.softwd(5)) == 0)
local cycles = tmr.ccount()
assert(math.type(cycles) == "integer" and cycles >= 0 and cycles < 2^32)

-- a script that computes for a while starts its timers from then on
local started
tmr.delay(30000)
started = tmr.now()
local late
tmr.create():alarm(20, tmr.ALARM_SINGLE, function() late = tmr.now() - started end)
netmcu.run()
assert(late >= 19000, late)
