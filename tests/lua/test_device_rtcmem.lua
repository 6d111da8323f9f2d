-- rtcmem: 128 words of 32 bits, with the firmware's limits.

local expect = require "expect"

expect.nothing(rtcmem.write32(0, 1, -1, 4294967295, 2^31))
assert(select("#", rtcmem.read32(0, 4)) == 4)
local one, minus, all, high = rtcmem.read32(0, 4)
assert(one == 1 and minus == -1 and all == -1 and high == -2147483648)
assert(rtcmem.read32(1) == -1 and rtcmem.read32("0", "1") == 1 and rtcmem.read32(100) == 0)

-- outside of the memory
assert(select("#", rtcmem.read32(126, 5)) == 2 and select("#", rtcmem.read32(127)) == 1)
for _, index in ipairs {-1, 128, 2^31, math.mininteger, math.maxinteger, 0 / 0} do
  expect.nothing(rtcmem.read32(index))
end
expect.nothing(rtcmem.read32(0, 0))
expect.nothing(rtcmem.read32(0, -1))
assert(select("#", rtcmem.read32(0, math.maxinteger)) == 128)
expect.nothing(rtcmem.write32(-2, 7, 8, 9))
assert(rtcmem.read32(0) == 9 and rtcmem.read32(1) == -1)
expect.raises("bad argument #1 to 'write32' (RTC mem would overrun)", rtcmem.write32, 127, 1, 2)
expect.raises("bad argument #1 to 'write32' (RTC mem would overrun)", rtcmem.write32, 2^40, 1)
expect.raises("bad argument #1 to 'read32' (number expected, got no value)", rtcmem.read32)
-- As in C, a value that is not a number counts as 0, and such a count as 1.
rtcmem.write32(5, nil, {}, "7", true)
assert(select("#", rtcmem.read32(5, {})) == 1 and table.concat({rtcmem.read32(5, 4)}, " ") == "0 0 7 0")
expect.finish()
