-- The numbered timers 0…6 of older firmware: tmr.alarm(id, ms, repeat, fn), tmr.register, start,
-- stop, unregister, interval and state(id, …).

local expect = require "expect"
local netmcu = require "netmcu"

local fired = {}
for id = 0, 6 do
  assert(tmr.state(id) == nil and tmr.stop(id) == false and tmr.start(id) == false)
  assert(tmr.alarm(id, id + 1, 0, expect(function(self)
    fired[#fired + 1] = id
    assert(type(self) == "userdata")
  end)) == true)
  assert(tmr.state(id) == true)
end
expect.finish()
assert(table.concat(fired) == "0123456")

for _, wrong in ipairs {-1, 7, 100, 0.5} do
  assert(not pcall(tmr.alarm, wrong, 1, 0, print), wrong)
  assert(not pcall(tmr.stop, wrong))
end
assert(not pcall(tmr.alarm, "x", 1, 0, print) and not pcall(tmr.alarm))

-- a repeating timer is stopped by its number in its own function
local count = 0
tmr.alarm(0, 1, 1, expect(function()
  count = count + 1
  if count == 4 then
    tmr.stop(0)
  end
end, 4))
expect.finish()
assert(tmr.state(0) == false and select(2, tmr.state(0)) == tmr.ALARM_AUTO)
tmr.unregister(0)
assert(tmr.state(0) == nil)

-- a second alarm of a number replaces the first
tmr.alarm(1, 1, tmr.ALARM_AUTO, expect.never "the alarm that was replaced")
tmr.alarm(1, 2, tmr.ALARM_SEMI, expect(function() end, 2))
netmcu.run()
assert(tmr.start(1) == true and tmr.start(1) == false and tmr.start(1, true) == true)
expect.finish()

tmr.register(6, 60000, tmr.ALARM_SINGLE, expect(function() end))
assert(tmr.state(6) == false)
tmr.interval(6, 1)
tmr.start(6)
expect.finish()

-- the first firmware had one timer, without a number, and the next one did not need a mode
count = 0
tmr.alarm(7, 1, expect(function()
  count = count + 1
  if count == 3 then
    tmr.stop()
  end
end, 3))
tmr.alarm(1, 2, expect(function() end))
tmr.alarm(4, 1, expect(function() end)) -- timers 4 and 6 once, after 1 ms
tmr.alarm(6, 1, expect(function() end))
expect.finish()
assert(tmr.state(0) == false and tmr.state(1) == nil and tmr.state(4) == nil)
assert(not pcall(tmr.alarm, tmr.create(), 1, print) and not pcall(tmr.alarm, 1, 2, "x"))

-- the methods of an object can be called with a dot
local t = tmr.create()
tmr.alarm(t, 1, tmr.ALARM_SINGLE, expect(function(self) assert(self == t) end))
expect.finish()

-- a repeating timer is stopped from outside
local ticks = 0
tmr.alarm(2, 2, 1, function() ticks = ticks + 1 end)
tmr.alarm(3, 1, 1, function()
  if ticks >= 3 then
    tmr.stop(2)
    tmr.stop(3)
  end
end)
netmcu.run(10000)
assert(ticks == 3 and #netmcu.walk() == 0)
