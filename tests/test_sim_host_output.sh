#!/bin/sh
# What simulated hosts print: each line with the name and the time, each error whole, and the run
# ends when nobody reads it any more.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

# A line has the time of its first byte, however it is written.
cat >prints.lua <<'END_OF_SCRIPT'
uart.write(0, "one\ntwo\n", "thr")
tmr.create():alarm(20, tmr.ALARM_SINGLE, function() uart.write(0, "ee\n\nfo") end)
tmr.create():alarm(30, tmr.ALARM_SINGLE, function() uart.write(0, "u") end)
tmr.create():alarm(40, tmr.ALARM_SINGLE, function() uart.write(0, "r") node.dsleep(1000000000) end)
END_OF_SCRIPT
cat >lines.lua <<'END_OF_SCRIPT'
local sim = require "netmcu.sim"
local host = sim.host("a", {script = "prints.lua"})
sim.run(1000)
assert(host:output() == "one\ntwo\nthree\n\nfour")
END_OF_SCRIPT
"$NETMCU" --sim lines.lua >out 2>err || fail "$(cat out err)"
same "the lines" "0.000 | one/0.000 | two/0.000 | three/0.020 | /0.020 | four/" "$(sed 's/^a //' out | tr '\n' /)"
same "errors" "" "$(cat err)"

# Errors are read one by one, and are then no failure any more.
cat >fails.lua <<'END_OF_SCRIPT'
function fail(text) node.setonerror(function() end) tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error(text, 0) end) end
END_OF_SCRIPT
cat >errors.lua <<'END_OF_SCRIPT'
local sim = require "netmcu.sim"
local host = sim.host("a", {script = "fails.lua"})
for _, text in ipairs {"first", "second", "third"} do
  sim.run(0)
  host.globals.fail(text)
  sim.run(5000)
end
local errors = host:errors()
assert(#errors == 3, #errors)
for i, text in ipairs {"first", "second", "third"} do
  assert(errors[i]:find("^" .. text), errors[i])
end
assert(#host:errors() == 0)
END_OF_SCRIPT
"$NETMCU" --sim errors.lua >out 2>&1 || fail "$(cat out)"

# Nobody reads any more: the scenario ends.
echo 'tmr.create():alarm(1, tmr.ALARM_AUTO, function() print "tick" end)' >ticks.lua
echo 'local sim = require "netmcu.sim" sim.host("a", {script = "ticks.lua"}) while true do sim.run(1000) end' >endless.lua
{ "$NETMCU" --timeout $patience --sim endless.lua; echo $? >status; } 2>err | head -n 1 >out
wait_until "the end of the scenario" test -s status
same "the first line" "a 0.001 | tick" "$(cat out)"
same "the status and errors" "0 " "$(cat status) $(cat err)"
