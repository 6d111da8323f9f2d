#!/bin/sh
# Ctrl-C ends a script cleanly, whatever it does, with exit status 0; a second one kills.
. "$NETMCU_SOURCE/tests/support/shell.sh"

# begin COMMAND...: with a log of its own, so that "ready" is not the one before's
begin() {
  rm -f "$work/script.log"
  start script "$@"
  wait_for script ready
}

# try WHAT SIGNAL EXPECTED-STATUS SCRIPT
try() {
  begin "$NETMCU" -e "$4"
  kill -s "$2" "$process"
  wait "$process"
  status=$?
  [ $status -eq "$3" ] || fail "$1: status $status, expected $3"
  processes=
  same "$1: output" ready "$(cat "$work/script.log")"
}

waits='net.createServer():listen(0, print) print "ready"'
try "waiting" INT 0 "$waits"
try "waiting, by TERM" TERM 0 "$waits"
try "a timer" INT 0 'tmr.create():alarm(1, 1, function() end) print "ready"'
try "tasks" INT 0 'local function f() node.task.post(f) end f() print "ready"'
try "a busy script" INT 0 'print "ready" while true do end'
try "a busy handler" INT 0 'tmr.create():alarm(1, 0, function() print "ready" while true do end end)'
try "a busy function" INT 0 'local function f() end print "ready" while true do f() end'
try "a busy coroutine" INT 0 'coroutine.wrap(function() print "ready" while true do end end)()'
try "a long delay" INT 0 'print "ready" tmr.delay(4000000000)'
try "many connections" INT 0 '
local server = net.createServer()
require "netmcu".options {warnings = false}
server:listen(0, "127.0.0.1", function(c) c:on("receive", c.send) end)
for _ = 1, 50 do
  local sk = net.createConnection()
  sk:on("receive", function(self, data) self:send(data) end)
  sk:connect(server:getaddr(), nil, function() sk:send "x" end)
end
tmr.create():alarm(50, 0, function() print "ready" end)'

# a library loop of the script
try "a run of its own" INT 0 'net.createServer():listen(0, print) print "ready" require "netmcu".run()'

# what cannot be interrupted is killed by the second one
begin "$NETMCU" -e 'print "ready" string.find(("a"):rep(99), ("a*"):rep(50) .. "b")'
kill -s INT "$process"
kill -0 "$process" || fail "the first Ctrl-C killed"
sent=0
while kill -s INT "$process" 2>/dev/null && [ $sent -lt 100 ]; do
  sent=$((sent + 1))
  sleep 0.05
  case $(ps -o stat= -p "$process" 2>/dev/null) in '' | Z*) break ;; esac
done
wait "$process"
[ $? -eq 130 ] || fail "the second Ctrl-C did not kill"
processes=

# Ctrl-C while what was sent is still on its way
begin "$NETMCU" --no-warnings -e '
local server = net.createServer()
server:listen(0, "127.0.0.1", function(c) c:hold() print "ready" end)
net.createConnection():connect(server:getaddr(), "127.0.0.1", function(sk) sk:send(("x"):rep(10000000)) end)'
kill -s INT "$process"
wait "$process" || fail "status $? with output left"
processes=

# a broken pipe is no signal
"$NETMCU" --timeout 60 -e 'for i = 1, 1000 do print(i) end' | head -n 1 >/dev/null
{
  "$NETMCU" -e 'for i = 1, 100000 do print(i) end os.exit(5)'
  echo $? >"$work/status"
} | head -n 1 >/dev/null
same "the status after a broken pipe" 5 "$(cat "$work/status")"
