#!/bin/sh
# The words of rtcmem and the samples of rtcfifo survive node.restart and deep sleep, but not the
# end of the process.
. "$NETMCU_SOURCE/tests/support/shell.sh"

mkdir "$work/flash"
cat >"$work/flash/init.lua" <<'END'
local count = rtcmem.read32(127)
print(count, rtcmem.read32(40, 3))
rtcmem.write32(127, count + 1)
if count == 0 then
  rtcmem.write32(40, 0x7fffffff, 0x80000000, -5)
  node.restart()
elseif count == 1 then
  node.dsleep(1000)
elseif count == 2 then
  node.restart() -- a state that does not use the module keeps the words, too
  node.startupcommand "=node.startupcommand '' node.restart()"
end
END
expected='0	0	0	0
1	2147483647	-2147483648	-5
2	2147483647	-2147483648	-5
3	2147483647	-2147483648	-5'
same "a run" "$expected" "$("$NETMCU" --timeout $patience "$work/flash" 2>&1)"
same "another run" "$expected" "$("$NETMCU" --timeout $patience "$work/flash" 2>&1)"

# So does the mode of the ADC, so that a script that restarts after a change of it does so once.
cat >"$work/flash/init.lua" <<'END'
if adc.force_init_mode(adc.INIT_VDD33) then
  print "changed"
  node.restart()
else
  print(adc.readvdd33())
end
END
same "the mode of the ADC" "changed
3300" "$("$NETMCU" --timeout $patience "$work/flash" 2>&1)"

# A clock that was set back sleeps for as long as it was ahead, too.
cat >"$work/flash/init.lua" <<'END'
if rtcmem.read32(100) == 0 then
  rtcmem.write32(100, 1)
  rtctime.set(1000)
  rtctime.set(900)
  rtctime.dsleep(1000000)
else
  print(rtctime.get(), tmr.time())
end
END
same "a clock that was set back" '1001	0' "$("$NETMCU" --sim "$work/flash" 2>&1)"

# The samples of rtcfifo survive both kinds of sleep; the time survives only rtctime.dsleep.
cat >"$work/flash/init.lua" <<'END'
local clock = require "netmcu.device.rtctime".clock
local function show(...)
  local seconds, microseconds, rate = rtctime.get()
  print(clock.age() and seconds >= 1000 and seconds < 2000, microseconds < 1000000, rate, ...)
end
if rtcfifo.ready() == 0 then
  rtctime.set(1000, 0, 5)
  rtcfifo.prepare {interval_us = 20000}
  rtcfifo.put(rtctime.get(), 1, 0, "a")
  rtctime.dsleep(0)
elseif rtcfifo.count() == 1 then
  show(rtcfifo.peek())
  rtcfifo.put(rtctime.get(), 2, 0, "b")
  rtcfifo.dsleep_until_sample(1000)
elseif rtcfifo.count() == 2 then
  show(rtctime.get() - rtcfifo.peek(1) <= 100, clock.now() % 20000 < 20000, rtcfifo.pop())
  rtcfifo.pop()
  rtcfifo.put(1, 1, 1, "")
  rtcfifo.put(1, 1, 1, "")
  rtcfifo.put(1, 1, 1, "")
  node.dsleep(1)
else
  show(rtcfifo.drop(3))
end
END
same "a queue" 'true	true	5	1000	1	0	a
true	true	5	true	true	1000	1	0	a
nil	true	0' "$("$NETMCU" --no-warnings --timeout $patience "$work/flash" 2>&1)"
