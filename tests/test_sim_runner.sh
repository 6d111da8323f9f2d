#!/bin/sh
# netmcu --sim: a script runs in virtual time, and everything that it sees is the same each time.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

cp "$NETMCU_SOURCE/tests/support/simulated.lua" script.lua
for run in 1 2 3 4 5 6 7 8 9 10; do
  "$NETMCU" --sim --pcap "packets$run" script.lua >"out$run" 2>&1 || fail "$(cat "out$run")"
  cmp out1 "out$run" || fail "run $run differs: $(diff out1 "out$run")"
  cmp packets1 "packets$run" || fail "the packets of run $run differ"
done
"$NETMCU" --sim=2 script.lua >out2 2>&1
! cmp -s out1 out2 || fail "another seed gives the same run"
for line in "k1	1" "dns	10.0.0.2" "server	hello" "gone	0" "an hour later	01:00	5000" "ping	32	10.0.0.1	1	2"; do
  has "the output" "$line" "$(cat out1)"
done
same "the end of the keys" "nil	nil	0" "$(grep '^nil' out1)"

# What nothing can happen to any more ends, and so does what restarts or fails.
same "a lone server" "listening" "$("$NETMCU" --sim -e 'net.createServer():listen(80, print) print "listening"')"
has "a prompt" "42" "$(echo 'print(6 * 7)' | "$NETMCU" --sim -i -e 'print "ready"')"
same "a restart" "1
2" "$("$NETMCU" --sim --root flash -e '
  local n = tonumber(file.getcontents("n") or "0") + 1
  file.putcontents("n", tostring(n))
  print(n)
  if n < 2 then tmr.create():alarm(1000, tmr.ALARM_SINGLE, node.restart) end' 2>/dev/null)"

# Reading the time takes no time, unless a loop waits for a later time.
cat >waiting.lua <<'END'
local start, looks = tmr.now(), 1
while looks < 900 do looks = looks + 1 tmr.now() end
print("no time passes", tmr.now() - start)
while tmr.now() - start < 2000 do looks = looks + 1 end
print("2 ms have passed", tmr.now() - start < 2100, looks > 1100 and looks < 1300)
local second = tmr.time()
while tmr.time() == second do end
rtctime.set(2000)
while rtctime.get() < 2001 do end
local clock, time = os.clock(), os.time()
while os.clock() - clock < 0.01 do end
while os.time() == time do end
local cycles = tmr.ccount()
tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
  local timer = tmr.now()
  while tmr.ccount() < cycles + 1e6 do end
  print("also in a callback", tmr.now() > timer)
end)
END
same "a script that waits in a loop" "no time passes	0
2 ms have passed	true	true
also in a callback	true" "$("$NETMCU" --sim --timeout 60 waiting.lua)"

mkdir sleeper
cat >sleeper/init.lua <<'END'
local _, reason = node.bootreason()
if reason == 5 then
  print(rtctime.get())
  tmr.create():alarm(1000, tmr.ALARM_SINGLE, function() print "over" end)
elseif reason == 4 then
  rtctime.set(1000)
  rtctime.dsleep(2000000)
else
  node.restart()
end
END
same "a restart and a sleep before the first event" "1002	0	0
over" "$("$NETMCU" --sim sleeper)"
"$NETMCU" --sim -e 'tmr.create():alarm(10, tmr.ALARM_SINGLE, function() error "boom" end)' >out 2>&1
[ $? = 1 ] || fail "an error: $(cat out)"
"$NETMCU" --sim --fault refuse,port=80 -e 'local c = net.createConnection() c:on("disconnection", print) c:connect(80, "127.0.0.1")' >out
has "a fault" "-9" "$(cat out)"
"$NETMCU" --sim --pcap no/folder script.lua >out 2>&1
[ $? = 1 ] || fail "a file that cannot be written: $(cat out)"

"$NETMCU" --sim 5 script.lua >out 2>&1
same "the exit status of a seed without =" 2 $?
has "a seed without =" "a seed is written as --sim=5" "$(cat out)"
