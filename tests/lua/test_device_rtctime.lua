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
print((rtctime.get()))]], "--strict --timeout 20")
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
rtctime.set(7, "250000")
local seconds, microseconds, rate = rtctime.get()
assert(seconds * 1000000 + microseconds >= 7250000 and rate == 0)
assert(calls[1] == true and calls[2] == false and #calls == 4)

-- the rate, in units of 2^-32
assert(rtctime.adjust_delta(1000000) == 1000000)
rtctime.set(nil, nil, 42949673) -- 1 %
assert(rtctime.adjust_delta(1000000) == 1010000 and rtctime.adjust_delta(-100) == -102)
rtctime.set(1000, 0, -2147483648) -- half as fast
local start = tmr.now()
tmr.delay(20000)
local passed = (clock.now() - 1000000000)
local half = (tmr.now() - start) / 2
assert(passed >= 10000 - 500 and passed <= half + 500, passed)
rtctime.set(nil, nil, 2^40)
assert(select(3, rtctime.get()) == 0 and clock.now() >= 1000000000 + passed, "a new rate moves no time")
expect.finish()
