#!/bin/sh
# --timeout S: exit status 124 and a line that says what was still open, whatever the script does.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need timeout

# try WHAT SCRIPT EXPECTED-ERRORS [S]
try() {
  timeout -s KILL 30 "$NETMCU" --no-warnings --timeout "${4:-0.3}" -e "$2" >"$work/out" 2>"$work/err"
  status=$?
  err=$(cat "$work/err")
  [ $status -eq 124 ] || fail "$1: status $status: $err"
  has "$1" "$3" "$err"
}

try "a server" 'net.createServer():listen(8123, "127.0.0.77", print)' \
  "netmcu: time-out after 0.3 s; still open: net.server (listening, 127.0.0.77:8123)"
same "lines" 1 "$(wc -l <"$work/err" | tr -d ' ')"
try "several" '
net.createUDPSocket():listen(8123, "127.0.0.77")
tmr.create():alarm(60000, tmr.ALARM_SINGLE, print)
tmr.create():alarm(50000, tmr.ALARM_AUTO, print)' "net.udpsocket (bound, 127.0.0.77:8123), timer (due in "
has "several" "timer (every 50000 ms)" "$err"
try "a connection" '
local server = net.createServer()
server:listen(0, "127.0.0.1", function(c) server:close() end)
net.createConnection():connect((server:getaddr()))' "net.socket (connected, 127.0.0.1:"
try "a lookup" '
local silent = net.createUDPSocket()
silent:listen(0, "127.0.0.1")
require "netmcu".options {dns = "127.0.0.1:" .. silent:getaddr()}
net.dns.resolve("silent.test", print)' "DNS lookup (silent.test)"
try "a busy script" 'while true do end' "time-out after 0.3 s; nothing is open"
try "a busy handler" 'tmr.create():alarm(1, 0, function() while true do end end)' "time-out after 0.3 s"
try "tasks" 'local function f() node.task.post(f) end f()' "time-out after 0.3 s"
try "a busy coroutine" 'coroutine.wrap(function() while true do end end)()' "time-out after 0.3 s"
try "a loop that catches errors" 'while true do pcall(function() while true do end end) end' "time-out after 0.3 s"
try "a handler that catches errors" 'tmr.create():alarm(1, 1, function() while true do pcall(string.rep) end end)' \
  "time-out after 0.3 s"
try "a C function" 'string.find(("a"):rep(99), ("a*"):rep(50) .. "b")' "time-out after 0.3 s"
try "a run of its own" 'net.createServer():listen(0, print) while true do require "netmcu".run() end' "time-out after 0.3 s"
try "restarts" 'node.restart()' "time-out after 0.3 s"
try "one that is over at once" 'net.createServer():listen(0, print)' "time-out after 0.001 s" 0.001
try "one that is over at once, in a loop" 'while true do end' "time-out after 0.001 s" 0.001

# in time
"$NETMCU" --timeout 20 -e 'print "done"' >"$work/out" || fail "status $?"
same "in time" done "$(cat "$work/out")"
"$NETMCU" --timeout 20 -e 'error "boom"' 2>"$work/err"
[ $? -eq 1 ] || fail "an error is no time-out"
