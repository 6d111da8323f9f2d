#!/bin/sh
# A script on a simulated network that never returns to the loop: netmcu says where it is, and Ctrl-C
# ends it, also inside a coroutine.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

cat >loop.lua <<'END'
print "ready"
while true do end
END
cat >coroutine.lua <<'END'
local function spin()
  print "ready" while true do
  end
end
local inner = coroutine.create(spin)
tmr.create():alarm(5, tmr.ALARM_SINGLE, function()
  while true do coroutine.wrap(function() coroutine.resume(inner) end)() end
end)
END
for script in loop coroutine; do
  printf '%s\n' 'local sim = require "netmcu.sim"' 'sim.host("before", {script = "idle.lua"})' \
    "sim.host('lamp', {script = '$script.lua'})" 'sim.host("after", {script = "idle.lua"})' 'sim.run(1000)' >city_$script.lua
done
echo 'function answer() return 42 end' >idle.lua
cat >busy.lua <<'END'
local sim = require "netmcu.sim"
local host = sim.host("idle", {script = "idle.lua"})
print "ready"
while true do sim.run(10) host.globals.answer() end
END

# tick FILE: a second of the program's clock passes, until there is something in the file
tick() {
  for _ in 1 2 3 4 5 6 7 8; do
    [ -s "$1" ] || kill -VTALRM "$process" || fail "the program has ended"
    sleep 0.02
  done
}

# endless SCRIPT LINE
endless() {
  : >err
  start script sh -c 'exec "$NETMCU" --sim "$1" 2>err' - "$1"
  wait_for script ready
  attempts=0
  while [ -n "$2" ] && [ ! -s err ] && [ $attempts -lt 100 ]; do
    attempts=$((attempts + 1))
    tick err
  done
  [ -n "$2" ] || tick err
  kill -INT "$process"
  wait "$process"
  same "the exit status of $1" 0 $?
  processes=
  same "what $1 reports" "$2" "$(cat err)"
}
does_not="the script does not return to the loop; it is at"
endless city_loop.lua "netmcu: host 'lamp': $does_not loop.lua:2"
endless city_coroutine.lua "netmcu: host 'lamp': $does_not coroutine.lua:2"
endless loop.lua "netmcu: host 'device': $does_not loop.lua:2"
endless busy.lua ""
