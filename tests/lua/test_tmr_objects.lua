-- tmr.create(): alarm, register, start, stop, unregister, interval and state. A SINGLE timer
-- unregisters itself before fn.

local expect = require "expect"
local netmcu = require "netmcu"

local t = tmr.create()
assert(t:state() == nil and select("#", t:state()) == 1)
assert(t:start() == false and t:stop() == false)
expect.raises("timer not registered", t.interval, t, 5)
expect.nothing(t:unregister())

for _, wrong in ipairs {0, -1, 6870948, 1e10, 0 / 0} do
  local done, message = pcall(t.alarm, t, wrong, tmr.ALARM_SINGLE, print)
  assert(not done and message:find "Range: 1%-6870947", message)
end
for _, wrong in ipairs {-1, 3, 7} do
  local done, message = pcall(t.alarm, t, 1, wrong, print)
  assert(not done and message:find "Invalid mode", message)
end
assert(not pcall(t.alarm, t, 1, tmr.ALARM_SINGLE))
assert(not pcall(t.alarm, t, 1, tmr.ALARM_SINGLE, setmetatable({}, {__call = print})))
assert(not pcall(t.alarm, t))
assert(not pcall(t.start, t, 1))
for _, method in ipairs {"alarm", "register", "start", "stop", "interval", "unregister", "state"} do
  assert(not pcall(t[method], nil, 1, 0, print) and not pcall(t[method], net.createConnection(), 1, 0, print))
end
assert(t:state() == nil)
t:register(6870947, tmr.ALARM_SINGLE, print)
t:register(1, tmr.ALARM_SINGLE, print)

-- register() does not start a timer, and a timer that does not run does not keep the loop running
expect.nothing(t:register(1, tmr.ALARM_AUTO, expect.never "registered only"))
local running, mode = t:state()
assert(running == false and mode == tmr.ALARM_AUTO)
netmcu.run()

-- single
assert(t:alarm(2, tmr.ALARM_SINGLE, expect(function(self, ...)
  assert(self == t and select("#", ...) == 0 and self:state() == nil and self:start() == false)
end)) == true)
running, mode = t:state()
assert(running == true and mode == tmr.ALARM_SINGLE)
expect.finish()

-- a single timer that starts itself again
local rounds = 0
local function again(self)
  rounds = rounds + 1
  if rounds < 3 then
    self:alarm(1, tmr.ALARM_SINGLE, again)
  end
end
t:alarm(1, tmr.ALARM_SINGLE, again)
netmcu.run()
assert(rounds == 3)

-- a semi timer stops, but stays registered
t:alarm(1, tmr.ALARM_SEMI, expect(function(self)
  local is_running, its_mode = self:state()
  assert(is_running == false and its_mode == tmr.ALARM_SEMI)
  rounds = rounds + 1
  if rounds < 6 then
    assert(self:start() == true and self:start() == false)
  end
end, 3))
expect.finish()
assert(t:start() and t:stop() and not t:stop() and t:state() == false)
t:unregister()

-- an auto timer goes on until it is stopped, which its own function may do
local count = 0
t:alarm(1, tmr.ALARM_AUTO, expect(function(self)
  assert(self:state() == true)
  count = count + 1
  if count == 3 then
    assert(self:stop() == true)
    assert(select(2, self:state()) == tmr.ALARM_AUTO)
  elseif count == 5 then
    self:unregister()
  end
end, 5))
netmcu.run()
assert(count == 3 and t:start() == true)
expect.finish()
assert(count == 5 and t:state() == nil)

-- start(restart), interval(ms)
local began = tmr.now()
t:alarm(60000, tmr.ALARM_SINGLE, expect(function() assert((tmr.now() - began) / 1e6 < 30) end))
assert(t:start() == false and t:start(false) == false and t:start(true) == true)
expect.nothing(t:interval(3))
assert(t:state() == true)
expect.finish()
t:register(60000, tmr.ALARM_SINGLE, expect(function() end))
t:interval(2)
assert(t:state() == false and t:start())
expect.finish()

-- an alarm that is replaced while it runs
t:alarm(1, tmr.ALARM_AUTO, expect.never "the function that was replaced")
t:alarm(2, tmr.ALARM_SINGLE, expect(function() end))
expect.finish()

-- the collector and __gc in its own function
tmr.create():alarm(1, tmr.ALARM_AUTO, expect(function(self) self:__gc() self:__gc() end))
expect.finish()
local dead = tmr.create()
dead:__gc()
assert(dead:state() == nil and not pcall(dead.alarm, dead, 1, 0, print) and dead:stop() == false)

-- timers fire in the order of their times, and at the same time in the order of their starts
local order = {}
for i, ms in ipairs {900, 300, 600, 300} do
  tmr.create():alarm(ms, tmr.ALARM_SINGLE, function() order[#order + 1] = i end)
end
netmcu.run()
assert(table.concat(order) == "2431", table.concat(order))

assert(tostring(t) == "tmr.timer (not registered)")
t:register(5, tmr.ALARM_AUTO, print)
assert(tostring(t) == "tmr.timer (stopped, auto, 5 ms)")
