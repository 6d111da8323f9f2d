#!/bin/sh
# netmcu --test: results as TAP, exit status, a Lua state for each file, what is said about failures.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

# run EXPECTED-STATUS FILE...
run() {
  wanted=$1
  shift
  "$NETMCU" --timeout $patience --test "$@" >out 2>err
  status=$?
  out=$(cat out)
  [ $status -eq "$wanted" ] || fail "$*: status $status, expected $wanted: $out $(cat err)"
}

cat >good.lua <<'END'
local netmcu = require "netmcu"
x = 1
netmcu.test("sums", function() assert(1 + 1 == 2) end)
print("from the", "script")
uart.write(0, "half a ")
netmcu.test("later", function() tmr.create():alarm(5, 0, netmcu.expect(function() end)) end)
uart.write(0, "line\n")
netmcu.test("not here", function() netmcu.skip "no such thing" end)
END
cat >bad.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("own state", function() assert(x == nil) end)
netmcu.test("an error", function() error "broken" end)
netmcu.test("too often", function()
  local fn = netmcu.expect(function() end, 1)
  fn()
  fn()
end)
netmcu.test("never", function()
  netmcu.expect(function() end)
  netmcu.finish(20)
end)
netmcu.test("in an event", function()
  tmr.create():alarm(1, 0, function() error "late" end)
  netmcu.wait(function() end, 1000)
end)
netmcu.test("and on", function() end)
END
run 0 good.lua
same "the results" "TAP version 13
# good.lua
ok 1 - sums
# from the	script
ok 2 - later
# half a line
ok 3 - not here # SKIP no such thing
1..3" "$out"

run 1 good.lua bad.lua
same "pass and fail" "ok 1
ok 2
ok 3
ok 4
not ok 5
not ok 6
not ok 7
not ok 8
ok 9" "$(grep -oE '^(not )?ok [0-9]+' out)"
has "the plan" "1..9
# 4 of 9 failed" "$out"
has "an error" "# bad.lua:3: broken
# stack traceback:" "$out"
has "too often" "# bad.lua:5: called 2 times, expected 1" "$out"
has "never" "# bad.lua:10: called 0 times, expected 1
# open: nothing" "$out"
has "in an event" "# bad.lua:14: late
# in a timer" "$out"
! grep -q "netmcu\.\(desktop\|device\)" out || fail "the tracebacks show the runner's own functions"

# names in two lines, a last line without its end, skips and tables in events
cat >odd.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("in two\n lines", function() end)
netmcu.test("skipped later", function()
  tmr.create():alarm(1, 0, function() netmcu.skip "late" end)
  netmcu.wait(function() end)
end)
uart.write(0, "no end")
END
run 0 odd.lua
same "odd ones" "TAP version 13
# odd.lua
ok 1 - in two lines
ok 2 - skipped later # SKIP late
# no end
1..2" "$out"

# no name, no reason and no error object of a test is taken for a result or a directive
cat >hostile.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("skips", function() netmcu.skip "why\nnot ok 99 - injected\rBail out! # TODO" end)
netmcu.test("options", function() error({skip = "header", reason = "none"}) end)
netmcu.test("later # TODO", function() error "no" end)
netmcu.test("two\r\nnot ok 98", function() end)
netmcu.test("no reason", function() netmcu.skip() end)
END
run 1 hostile.lua
same "hostile ones" "ok 1 - skips # SKIP why not ok 99 - injected Bail out! \\# TODO
not ok 2 - options
# (error object is a table value)
not ok 3 - later \\# TODO
# hostile.lua:4: no
ok 4 - two not ok 98
ok 5 - no reason # SKIP " "$(grep -v '^# \(stack\|	\|hostile.lua$\)' out | sed '1d;/^1\.\./,$d')"
has "the plan" "1..5
# 2 of 5 failed" "$out"

echo 'local netmcu = require "netmcu"
netmcu.test("no function")' >wrong.lua
run 1 wrong.lua
has "no function" "# wrong.lua:2: bad argument #2 to '"'test'"' (function expected, got nil)" "$out"

# a file that ends the program has not passed
echo 'require "netmcu".test("fine", function() end) os.exit(0)' >leaving.lua
run 1 leaving.lua good.lua
has "os.exit" "Bail out! os.exit was called in leaving.lua" "$out"

# files without named tests
echo 'require "netmcu"; tmr.create():alarm(1, 0, require "netmcu".expect(function() end))' >plain.lua
echo 'tmr.create():alarm(1, 0, function() end) error "no"' >failing.lua
echo 'x = = 1' >syntax.lua
run 0 plain.lua
same "a plain script" "ok 1 - plain.lua" "$(grep ok out)"
run 1 plain.lua failing.lua syntax.lua missing.lua
has "an error" "not ok 2 - failing.lua
# failing.lua:1: no" "$out"
has "a syntax error" "not ok 3 - syntax.lua
# syntax.lua:1: unexpected symbol near '='" "$out"
has "a missing file" "not ok 4 - missing.lua
# missing.lua: No such file or directory" "$out"

# the script under test: its globals, its files, its ports, its end
mkdir device
cat >device/init.lua <<'END'
ROOM = ...
require "part"
dofile "more.lua"
net.createServer():listen(80, function(c) c:close() end)
net.createUDPSocket():listen(53)
END
echo 'part = {room = ROOM} return part' >device/part.lua
echo 'function again() node.restart() end function sleep() node.dsleep(1000000) end' >device/more.lua
cat >script.lua <<'END'
local netmcu = require "netmcu"
local one, two = netmcu.script("init.lua", "kitchen"), netmcu.script("init.lua", "hall")
netmcu.test("own globals", function()
  assert(one.globals.ROOM == "kitchen" and two.globals.ROOM == "hall" and ROOM == nil and again == nil)
  assert(one.globals.part.room == "kitchen" and two.globals.part.room == "hall")
end)
netmcu.test("own ports", function()
  assert(two:port(80) > 0 and two:port(80) ~= 80 and two:port(53, "udp") ~= 53)
  local sk = net.createConnection()
  sk:on("disconnection", netmcu.expect(function() end))
  sk:connect(two:port(80), "127.0.0.1")
end)
netmcu.test("what it asks for", function()
  assert(netmcu.left() == nil)
  one.globals.again()
  assert(netmcu.left() == "restart")
  one.globals.sleep()
  local what, us = netmcu.left()
  assert(what == "sleep" and us == 1000000)
end)
netmcu.test("refused", function()
  local server = net.createServer()
  server:listen(0, "127.0.0.1", function() error "accepted" end)
  netmcu.connect_fails "127.0.0.1"
  local sk = net.createConnection()
  sk:on("disconnection", netmcu.expect(function(_, code) assert(code ~= 0) end))
  sk:connect(server:getaddr(), "127.0.0.1")
  netmcu.finish()
  netmcu.fault()
  server:close()
end)
netmcu.test("no such script", function()
  assert(select(2, pcall(netmcu.script, "none.lua")):find "cannot open none.lua$")
end)
END
"$NETMCU" --timeout $patience --no-warnings --root device --test script.lua >out 2>err || fail "script.lua: $(cat out err)"
same "script.lua" 5 "$(grep -c '^ok' out)"

# a signal
echo 'require "netmcu".test("waits", function() print "ready" require "netmcu".wait(function() end, 60000) end)' >waits.lua
start signalled "$NETMCU" --timeout $patience --test waits.lua good.lua
wait_for signalled ready
kill -s INT "$process"
wait "$process"
same "a signal" 1 $?
has "a signal" "Bail out! interrupted" "$(cat signalled.log)"

# The same while the first of several tests runs: the others do not begin.
cat >several.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("waits", function() print "ready" netmcu.wait(function() end, 60000) end)
netmcu.test("does not begin", function() print "begun" while true do end end)
END
start several "$NETMCU" --timeout $patience --test several.lua good.lua
wait_for several ready
kill -s INT "$process"
wait "$process"
same "a signal in the first test" 1 $?
has "a signal in the first test" "Bail out! interrupted" "$(cat several.log)"
! grep -q "begun\|good" several.log || fail "a test has begun after the signal: $(cat several.log)"
"$NETMCU" --timeout 0.3 --test several.lua >out 2>err
same "a time-out in the first test" 124 $?
! grep -q begun out || fail "a test has begun after the time-out: $(cat out)"

# time-out and usage
echo 'require "netmcu".test("waits", function() while true do end end)' >endless.lua
"$NETMCU" --timeout 0.3 --test endless.lua >out 2>err
[ $? -eq 124 ] || fail "an endless test: $(cat out err)"
has "an endless test" "Bail out! time-out after 0.3 s" "$(cat out)"
# a test that catches the interruption, in the middle of a line
echo 'require "netmcu".test("loop", function()
  uart.write(0, "half")
  io.stdout:write "# half"
  io.stdout:flush()
  while true do pcall(function() while true do end end) end
end)' >endless.lua
# The time runs while the program starts. A slow machine therefore gets more of it.
for seconds in 0.3 1 4 16; do
  "$NETMCU" --timeout $seconds --test endless.lua good.lua >out 2>err
  same "the status of a test that does not end" 124 $?
  same "its results" "Bail out! time-out after $seconds s" "$(tail -n 1 out)"
  grep -q "the script does not return to the loop" err && break
done
has "what it says" "the script does not return to the loop" "$(cat err)"
"$NETMCU" --test >out 2>err
[ $? -eq 2 ] || fail "no file is wrong usage"
same "no file" "netmcu: --test: no test files are named" "$(head -n 1 err)"
