-- rtcfifo: samples come out as they were put in, in order; what does not fit drops the oldest.

local expect = require "expect"

local function same(expected, ...)
  local got = table.concat({...}, " ")
  if got ~= expected then
    error(("%q, expected %q"):format(got, expected), 2)
  end
end

assert(rtcfifo.ready() == 0)
for _, name in ipairs {"put", "pop", "peek", "drop", "count", "dsleep_until_sample"} do
  expect.raises("rtcfifo not prepared!", rtcfifo[name], 1, 1, 1, "x")
end
expect.nothing(rtcfifo.prepare())
assert(rtcfifo.ready() == 1 and rtcfifo.count() == 0)
expect.nothing(rtcfifo.pop())
expect.nothing(rtcfifo.peek())

expect.nothing(rtcfifo.put(1000000, 65535, 7, "temp"))
rtcfifo.put(1000511, 70000, 0, "humidity") -- 16 bits of the value, 4 characters of the name
rtcfifo.put(1000511, -1, 8, "a")
assert(rtcfifo.count() == 3)
same("1000000 65535 7 temp", rtcfifo.peek())
same("1000511 4464 0 humi", rtcfifo.peek(1))
same("1000511 65535 0 a", rtcfifo.peek(2))
expect.nothing(rtcfifo.peek(3))
expect.nothing(rtcfifo.peek(-1))
same("1000000 65535 7 temp", rtcfifo.pop())
expect.nothing(rtcfifo.drop(1))
same("1000511 65535 0 a", rtcfifo.pop())
expect.nothing(rtcfifo.pop())

-- too long after the sample before it, or before that sample
rtcfifo.put(2000000, 1, 0, "a")
rtcfifo.put(2000512, 2, 0, "a")
assert(rtcfifo.count() == 1)
same("2000512 2 0 a", rtcfifo.peek())
rtcfifo.put(2000511, 3, 0, "a")
same("2000511 3 0 a", rtcfifo.pop())

-- one sensor too many: 5 by default
rtcfifo.prepare()
for i = 1, 6 do
  rtcfifo.put(i, i, 0, "s" .. i)
end
assert(rtcfifo.count() == 1)
same("6 6 0 s6", rtcfifo.pop())

-- full: words 64 to 67 without the place of one name leave 3
rtcfifo.prepare {storage_begin = 64, storage_end = 68, sensor_count = 1, interval_us = 5000}
for i = 1, 7 do
  rtcfifo.put(i * 10, i, 0, "x")
end
assert(rtcfifo.count() == 3 and rtcmem.read32(68) == 0 and rtcmem.read32(64) == ("x"):byte())
same("50 5 0 x", rtcfifo.pop())
same("60 6 0 x", rtcfifo.pop())
same("70 7 0 x", rtcfifo.pop())
rtcfifo.drop(1000)

-- arguments, and words that the script has overwritten
expect.raises("expected table as arg #1", rtcfifo.prepare, 1)
for first, last in pairs {[5] = 6, [0] = 129, [-1] = 100} do
  expect.raises("bad argument #1 to 'prepare' (no space for samples)", rtcfifo.prepare,
    {storage_begin = first, storage_end = last})
end
expect.raises("bad argument #4 to 'put' (string expected, got no value)", rtcfifo.put, 1, 1, 1)
for _, garbage in ipairs {0, -1, 0x7f00ff, 0x01ff00} do
  rtcfifo.prepare()
  for i = 11, 127 do
    rtcmem.write32(i, garbage)
  end
  rtcfifo.drop(1e9)
  for i = 1, 20 do
    rtcfifo.put(i, i, i, "n" .. i)
    rtcfifo.peek(i)
  end
  rtcfifo.drop(1e9)
  rtcfifo.pop()
end
expect.finish()
