-- A repeating timer keeps its phase, however long its function works, and skips the ticks that it
-- misses.

if not require "simulated" () then return end

local expect = require "expect"

local began = tmr.now()
local function elapsed()
  return (tmr.now() - began) / 1000
end

local ticks = 0
tmr.create():alarm(200, tmr.ALARM_AUTO, expect(function(self)
  ticks = ticks + 1
  assert(elapsed() // 1 == 200 * ticks, elapsed())
  if ticks == 4 then
    self:unregister()
  else
    tmr.delay(190000)
  end
end, 4))
expect.finish()

-- The first call lasts from 100 to 450. The tick of 200 comes late; those of 300 and 400 never
-- come.
began = tmr.now()
local times = {}
tmr.create():alarm(100, tmr.ALARM_AUTO, expect(function(self)
  times[#times + 1] = elapsed() // 1 | 0
  if #times == 1 then
    tmr.delay(350000)
  elseif #times == 4 then
    self:unregister()
  end
end, 4))
expect.finish()
assert(table.concat(times, " ") == "100 450 500 600", table.concat(times, " "))
