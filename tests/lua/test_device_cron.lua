-- cron: jobs run at the minutes of their masks, in UTC by rtctime, which the test sets.

local expect = require "expect"
local subrun = require "subrun"
local wait = require "netmcu".wait

local function at(text) -- "2026-02-28 23:59:58"
  local year, month, day, hour, min, sec = text:match "(%d+)-(%d+)-(%d+) (%d+):(%d+):(%d+)"
  local days, month_days = 0, {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
  for y = 1970, year - 1 do
    days = days + (y % 4 == 0 and 366 or 365)
  end
  for m = 1, month - 1 do
    days = days + month_days[m] + ((m == 2 and year % 4 == 0) and 1 or 0)
  end
  return (days + day - 1) * 86400 + hour * 3600 + min * 60 + sec
end
assert(at "2015-07-09 08:29:49" == 1436430589)

-- --- masks ---

for mask, message in pairs {
  [""] = "separator @0", ["*"] = "separator @1", ["* * * *"] = "separator @7", ["a * * * *"] = "separator @0",
  ["* * a * *"] = "val 0 out of range 1..31", ["60 * * * *"] = "val 60 out of range 0..59",
  ["-1 * * * *"] = "val -1 out of range 0..59", ["* 24 * * *"] = "val 24 out of range 0..23",
  ["* * 0 * *"] = "val 0 out of range 1..31", ["* * * 13 *"] = "val 13 out of range 1..12",
  ["* * * * 7"] = "val 7 out of range 0..6", ["1-5 * * * *"] = "separator @1", ["*/0 * * * *"] = "each 0",
  ["*/ * * * *"] = "each 0", ["*/59 * * * *"] = "each 59", ["*/-1 * * * *"] = "each -1", ["* * * * */6"] = "each 6",
  ["* * * * * *"] = "trailing @10", ["* * * * *x"] = "trailing @9", ["1,2,x * * * *"] = "separator @4",
  ["99999999999999999999 * * * *"] = "val 2147483647 out of range 0..59", ["@daily"] = "separator @0",
} do
  expect.raises("invalid spec (" .. message .. ")", cron.schedule, mask, print)
end
expect.raises("bad argument #1 to 'schedule' (string expected, got no value)", cron.schedule)
expect.raises("bad argument #2 to 'schedule' (function expected, got no value)", cron.schedule, "* * * * *")
expect.raises("bad argument #1 to 'schedule' (cron.entry expected, got table)",
  cron.schedule("* * * * *", print).schedule, {}, "* * * * *")
cron.reset()

-- --- jobs ---

local ran
local function job(mask, name)
  return cron.schedule(mask, function(entry)
    assert(getmetatable(entry).__name == "cron.entry")
    ran[#ran + 1] = name or mask
  end)
end

-- Returns which jobs run in the minute of that time. The clock is set to 20 ms before it. A clock
-- that is set back by more than `lead` seconds goes back, but shows so much more.
local clock = require "netmcu.device.rtctime".clock
local function run(time, lead)
  ran = {}
  clock.set(math.tointeger((at(time) - (lead or 0)) * 1000000 // 1) - 20000)
  local is_over = false
  tmr.create():alarm(40, tmr.ALARM_SINGLE, function() is_over = true end)
  wait(function() return is_over end)
  return table.concat(ran, "|")
end

-- The first time that is set runs the jobs of the current minute, once.
ran = {}
job("* * * * *", "first")
assert(#ran == 0)
rtctime.set(at "2026-11-28 12:00:30")
wait(function() return #ran > 0 end)
rtctime.set(at "2026-11-28 12:00:31")
job("* * * * *", "second") -- within the second after which the device looks for the time
local later = false
expect.later(function() later = true end)
wait(function() return later end)
assert(table.concat(ran, "|") == "first")
cron.reset()

for _, mask in ipairs {
  "* * * * *", "\t0  0 1 3  0 ", "59 23 28 2 6", "*/30 */12 * * *", "5,0,7 * * * *", "* * */2 * *", "* * */3 * *",
  "1 * * * *", "* * * */2 *", "* * 1 * 1", "+0 00 01 3 0",
} do
  job(mask)
end
assert(run "2037-02-28 23:59:00" == "* * * * *|59 23 28 2 6|* * */3 * *")
assert(run "2037-03-01 00:00:00" == -- a Sunday
  "* * * * *|\t0  0 1 3  0 |*/30 */12 * * *|5,0,7 * * * *|* * */2 * *|* * */3 * *|* * * */2 *|+0 00 01 3 0")
assert(run "2040-02-29 23:59:00" == "* * * * *|* * */2 * *")
cron.reset()
assert(run "2041-01-01 00:00:00" == "")

-- --- entries ---

local one = job("* * * * *", "one")
local two = job("1 * * * *", "two")
assert(run "2041-01-01 00:10:00" == "one")
expect.nothing(one:unschedule())
expect.nothing(one:unschedule())
expect.nothing(two:schedule("* * * * *"))
assert(run "2041-01-01 00:11:00" == "two")
assert(run "2041-01-01 00:11:00" == "", "the clock does not go back, so the jobs do not run again")
assert(run("2040-01-01 00:11:00", 4294.967295) == "two", "the clock goes back")
expect.nothing(one:schedule("*/2 * * * *"))
expect.nothing(two:handler(function(entry)
  assert(entry == two)
  ran[#ran + 1] = "other"
  entry:unschedule()
  one:unschedule()
  job("* * * * *", "from the next minute on")
end))
expect.raises("bad argument #2 to 'handler' (function expected, got no value)", two.handler, two)
assert(run "2041-01-01 00:12:00" == "other", "a job that another one removes does not run")
assert(run "2041-01-01 00:13:00" == "from the next minute on")
expect.nothing(cron.reset())
assert(run "2041-01-01 00:14:00" == "")
expect.nothing(two:schedule("* * * * *"))
two:handler(function() error "of a job" end)
local done, message = pcall(run, "2041-01-01 00:15:00")
assert(not done and message:find "of a job")
cron.reset()

-- --- before the clock is set ---

-- On the simulated network, the minute passes at once.
local script = [[
cron.schedule("* * * * *", function(entry)
  print "job"
  entry:unschedule()
end)]]
local _, output, errors = subrun(script, "--sim")
assert(output == "job\n" and errors ==
  "netmcu: a job of cron runs before the clock is set: the device waits until it is\n", output .. errors)
_, output, errors = subrun(script, "--sim --strict")
assert(output == "" and errors == "", "under strict it waits, and the run ends because nothing can happen")
script = script .. "\ntmr.create():alarm(50, 0, function() rtctime.set(5) end)"
_, output, errors = subrun(script, "--sim --strict")
assert(output == "job\n" and errors == "", output .. errors)

-- A script that uses cron only when the clock has been set, as in the callback of sntp.sync
_, output, errors = subrun([[
rtctime.set(1e9)
cron.schedule("* * * * *", function(entry)
  print "job"
  entry:unschedule()
end)]], "--timeout 10")
assert(output == "job\n" and errors == "", output .. errors)
expect.finish()
