#!/bin/sh
# The words of rtcmem survive node.restart and deep sleep, but not the end of the process.
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
