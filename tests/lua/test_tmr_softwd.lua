-- tmr.softwd(s) restarts the device after s seconds, unless the script calls it again in time, or
-- ends it with a negative number.

local subrun = require "subrun"

local status, output, errors = subrun([[
local _, reason = node.bootreason()
if reason == 4 then
  print("restarted")
  return
end
tmr.softwd(1)
tmr.create():alarm(900, tmr.ALARM_SINGLE, function() tmr.softwd(2) end)
tmr.create():alarm(2800, tmr.ALARM_SINGLE, function() print("alive") end)
tmr.create():alarm(3000, tmr.ALARM_SINGLE, function() print("late") end)
]], "--sim")
assert(status == 0 and output == "alive\nrestarted\n" and errors == "", output .. errors)

-- a time longer than any timer's; a script ends although it once had a watchdog
status, output, errors = subrun([[
tmr.softwd(8000)
tmr.create():alarm(6000000, tmr.ALARM_SINGLE, function() print(node.bootreason()) tmr.softwd(-1) end)
]], "--sim")
assert(status == 0 and output == "1\t0\n" and errors == "", output .. errors)

-- a watchdog that is ended at once, and wrong arguments
status, output, errors = subrun("tmr.softwd(1) tmr.softwd(0) tmr.softwd(1.5)", "--sim --once")
assert(status == 0 and output == "" and errors == "", errors)
for _, wrong in ipairs {"", "{}", "'soon'"} do
  status, output, errors = subrun("tmr.softwd(" .. wrong .. ")")
  assert(status == 1 and output == "" and errors:find("bad argument #1 to 'softwd' (number expected", 1, true), errors)
end
