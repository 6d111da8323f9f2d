#!/bin/sh
# --timeout S: exit status 124 and a line that says what was still open, whatever the script does.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need timeout

# once SECONDS SCRIPT: sets $err
once() {
  timeout -s KILL 100 "$NETMCU" --no-warnings --timeout "$1" -e "$2" >"$work/out" 2>"$work/err"
  status=$?
  err=$(cat "$work/err")
  [ $status -eq 124 ] || fail "status $status: $err"
  has "the time" "netmcu: time-out after $1 s" "$err"
}

# try WHAT SCRIPT EXPECTED-ERRORS: PORT in the text stands for what the script has printed. The time
# runs while the script starts, and only a time-out after that finds everything open. The next
# attempt therefore gives a slow machine more time.
try() {
  for seconds in 0.3 1 4 16 60; do
    once $seconds "$2"
    expected=$(say "$3" | sed "s/PORT/$(cat "$work/out")/g")
    case $err in
      *"$expected"*) return ;;
    esac
  done
  fail "$1: expected \"$expected\", got \"$err\""
}

try "a server" '
local server = net.createServer()
server:listen(0, "127.0.0.77", print)
print((server:getaddr()))' "still open: net.server (listening, 127.0.0.77:PORT)"
same "lines" 1 "$(wc -l <"$work/err" | tr -d ' ')"
try "several" '
local sk = net.createUDPSocket()
sk:listen(0, "127.0.0.77")
print((sk:getaddr()))
tmr.create():alarm(60000, tmr.ALARM_SINGLE, print)
tmr.create():alarm(50000, tmr.ALARM_AUTO, print)' "net.udpsocket (bound, 127.0.0.77:PORT), timer (due in "
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
try "a busy script" 'while true do end' "nothing is open"
try "a busy handler" 'tmr.create():alarm(1, 0, function() while true do end end)' "time-out"
try "tasks" 'local function f() node.task.post(f) end f()' "time-out"
try "a busy coroutine" 'coroutine.wrap(function() while true do end end)()' "nothing is open"
try "a loop that catches errors" 'while true do pcall(function() while true do end end) end' "time-out"
try "a handler that catches errors" 'tmr.create():alarm(1, 1, function() while true do pcall(string.rep) end end)' \
  "time-out"
try "a C function" 'string.find(("a"):rep(99), ("a*"):rep(50) .. "b")' "time-out"
try "a run of its own" 'net.createServer():listen(0, print) while true do require "netmcu".run() end' "time-out"
try "restarts" 'node.restart()' "time-out"
once 0.001 'net.createServer():listen(0, print)'
once 0.001 'while true do end'

# in time
"$NETMCU" --timeout "$patience" -e 'print "done"' >"$work/out" || fail "status $?"
same "in time" "done" "$(cat "$work/out")"
"$NETMCU" --timeout "$patience" -e 'error "boom"' 2>"$work/err"
[ $? -eq 1 ] || fail "an error is no time-out"
