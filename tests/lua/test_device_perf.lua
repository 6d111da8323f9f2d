-- perf: the samples of a run match its time, and lie where the script looks for them.

local expect = require "expect"

expect.nothing(perf.stop())
local before = tmr.now()
perf.start()
tmr.delay(20000)
local total, outside, bins, size = perf.stop()
local most = (tmr.now() - before) // 50 + 1
assert(total >= 400 and total <= most and outside >= 0 and outside < total / 5, total .. " " .. outside)
assert(size == 4096)
local sum = 0
for address, count in pairs(bins) do
  assert(math.type(address) == "integer" and address % size == 0 and address >= 0x40000000 and address < 0x402a0000)
  sum = sum + count
end
assert(sum == total - outside)
expect.nothing(perf.stop())

perf.start(0x40230000, 0x40240000, 3) -- three bins would be of no size that is a power of two
tmr.delay(2000)
total, outside, bins, size = perf.stop()
assert(size == 0x8000 and outside > 0 and outside < total and bins[0x40230000] == total - outside)
expect.raises("end must be larger than start", perf.start, 5, 5)
expect.raises("not enough memory", perf.start, 0, 1000, 0)
expect.raises("bad argument #1 to 'start' (number expected, got string)", perf.start, "x")
