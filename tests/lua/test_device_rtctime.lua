-- rtctime: the machine's time until the clock is set, with a warning or, under --strict, as 0. Then
-- the script's, at its rate.

local expect = require "expect"
local subrun = require "subrun"
local clock = require "netmcu.device.rtctime".clock

-- before the clock is set
local script = "print(rtctime.get() > 1e9, rtctime.get() > 1e9)\nprint(rtctime.get())"
local _, output, errors = subrun("\n" .. script)
assert(output:find "^true\ttrue\n%d+\t%d+\t0\n$", output)
local lines = {}
for line in errors:gmatch "[^\n]+" do
  lines[#lines + 1] = line:match "^netmcu: stdin:(%d+): rtctime.get before the clock is set: the device has no time$"
end
assert(table.concat(lines, " ") == "2 3", errors)
_, output, errors = subrun([[
print(rtctime.get())
print(pcall(rtctime.dsleep_aligned, 1000, 1000))
rtctime.set(5)
print((rtctime.get()))]], "--strict --timeout 60")
assert(output == "0\t0\t0\nfalse\ttime not available, unable to align\n5\n" and errors == "", output .. errors)

-- setting it
assert(clock.age() == nil)
local calls = {}
clock.watch(function(is_first) calls[#calls + 1] = is_first end)
expect.nothing(rtctime.set(1436430589, 999999))
assert(clock.age() >= 0 and math.abs(clock.now() - 1436430589999999) < 1000000)
rtctime.set(4294967295)
assert(rtctime.get() >= 4294967295)
rtctime.set(-1) -- 32 bits, as on the device
assert(rtctime.get() >= 4294967295)
-- a time in the past: the clock runs slower, by a sixteenth, until it is right
local host = require "netmcu.host"
local state_time, passed = host.now, 0
function host.now() return state_time() + passed end
local function near(microseconds)
  return math.abs(clock.now() - microseconds) < 100000
end
rtctime.set(4294967294)
assert(near(4294967295000000), "it does not go back")
passed = 8000000
assert(near(4294967302500000), "half of it is made up")
passed = 17000000
assert(near(4294967311000000), "it is right")
rtctime.set(7, "250000")
local seconds, microseconds, rate = rtctime.get()
assert(near(7250000 + 4294967295) and rate == 0, "the device counts what it is ahead in 32 bits")
assert(seconds * 1000000 + microseconds <= clock.now() and microseconds < 1000000)
passed = passed + 3600000000
rtctime.set(nil, nil, 100)
assert(near(3607250000 + 4294967295 - 225000000), "a new rate changes nothing in that")
passed = passed + 72000000000
assert(select(3, rtctime.get()) == 100 and near(75607250000 + 1676))
rtctime.set(nil, nil, 0)
rtctime.set(0xffffffff, -1)
assert(near(0xffffffff * 1000000 + 0xffffffff), "microseconds have no sign")
assert(calls[1] == true and calls[2] == false and #calls == 6)

for _, option in ipairs {-1, 5} do
  expect.raises("unknown sleep option", rtctime.dsleep, 1000, option)
  expect.raises("unknown sleep option", rtctime.dsleep_aligned, 1000, 1000, option)
end

-- the rate, in units of 2^-32
assert(rtctime.adjust_delta(1000000) == 1000000)
rtctime.set(nil, nil, 42949673) -- 1 %
assert(rtctime.adjust_delta(1000000) == 1010000 and rtctime.adjust_delta(-100) == -102)
rtctime.set(nil, nil, -2147483648) -- half as fast
local before = clock.now()
passed = passed + 2000000
assert(near(before + 1000000))
rtctime.set(nil, nil, 2^40)
assert(select(3, rtctime.get()) == 0 and near(before + 1000000), "a new rate moves no time")
expect.finish()
