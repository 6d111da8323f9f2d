-- A repeating timer keeps its phase, however long its function works, and skips the ticks that it
-- misses.

local expect = require "expect"

local began = tmr.now()
local function elapsed()
  return (tmr.now() - began) / 1000
end

local ticks = 0
tmr.create():alarm(200, tmr.ALARM_AUTO, expect(function(self)
  ticks = ticks + 1
  assert(elapsed() >= 200 * ticks - 1, elapsed())
  if ticks == 4 then
    assert(elapsed() < 1300, elapsed()) -- 1370 ms if the work of each tick delays the next
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
  times[#times + 1] = elapsed()
  if #times == 1 then
    tmr.delay(350000)
  elseif #times == 4 then
    self:unregister()
  end
end, 4))
expect.finish()
assert(times[2] >= 449 and times[3] >= 499 and times[4] >= 599, table.concat(times, " "))
