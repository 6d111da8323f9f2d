#!/bin/sh
# netmcu --test --sim: the project of docs/testing.md runs unchanged on a simulated network, without
# waiting, and each failure names its seed.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cp -R "$NETMCU_SOURCE/examples/project" "$work/project"
cd "$work/project" || exit 1

"$NETMCU" --sim --root device --test test/*_test.lua >"$work/out" 2>&1 || fail "$(cat "$work/out")"
has "the results" "ok 5 - a hub that was away is told when it is back" "$(cat "$work/out")"
has "the plan" "1..5" "$(cat "$work/out")"

"$NETMCU" --seeds 10-19 --root device --test test/*_test.lua >"$work/out" 2>&1 || fail "$(cat "$work/out")"
same "the first seed" '{"seed":10,"file":"test/lamp_test.lua","tests":5,"failed":0,"failures":[]}' "$(sed 1q "$work/out")"
same "the last line" '{"seeds":"10-19","runs":10,"tests":50,"failed":0,"status":0}' "$(sed -n '$p' "$work/out")"
same "lines" 11 "$(wc -l <"$work/out" | tr -d ' ')"

# In a world of its own, the script has the port that it asks for, an hour passes at once, and a test
# that fails by chance fails with the same seeds each time.
echo 'net.createServer():listen(80, function() end) mine = 1' >server.lua
cat >luck.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("port", function()
  local script = netmcu.script("server.lua")
  assert(script:port(80) == 80)
  assert(script.globals.mine == 1 and mine == nil) -- it is on a host of its own
  local own = net.createServer()
  own:listen(81, print)
  local open = table.concat(netmcu.walk(), "\n") -- of both hosts
  assert(open:find(":80", 1, true) and open:find(":81", 1, true), open)
  own:close()
end)
netmcu.test("an hour", function()
  local start = tmr.time()
  netmcu.run(3600000)
  assert(tmr.time() - start == 3600)
end)
netmcu.test("luck", function() assert(node.random(1, 4) > 1) end)
END
"$NETMCU" --seeds 20 --test luck.lua >"$work/out" 2>&1
same "the exit status" 1 $?
[ "$(grep -c '"failures":\[{"test":"luck","message":"luck.lua:' "$work/out")" -gt 2 ] || fail "$(cat "$work/out")"
"$NETMCU" --seeds 20 --jobs 3 --test luck.lua >"$work/again" 2>&1
cmp "$work/out" "$work/again" || fail "three processes print something else: $(cat "$work/again")"
seed=$(sed -n 's/{"seed":\([0-9]*\),.*"failed":1,.*/\1/p' "$work/out" | sed 1q)
has "the seed again" "not ok 3 - luck, seed $seed" "$("$NETMCU" --sim="$seed" --test luck.lua)"

# Three of twenty look-ups are enough to fail. The others are left out, and so are all faults of a test
# that fails without any.
cat >faults.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("bad names", function()
  netmcu.fault "dns,peer=*.test,probability=0.5"
  local failed = 0
  for i = 1, 20 do
    net.dns.resolve(i .. ".test", netmcu.expect(function(_, ip) if not ip then failed = failed + 1 end end))
  end
  netmcu.finish(20000)
  assert(failed < 3, "three have failed")
end)
END
"$NETMCU" --sim --shrink --resolve '*.test=127.0.0.1' --test faults.lua >"$work/out" 2>&1
has "the smallest set" '"bad names" still fails with 3 of ' "$(cat "$work/out")"
same "the faults" 3 "$(grep -c '^#   .* s: dns: [0-9]*\.test of test$' "$work/out")"
"$NETMCU" --seeds 2-3 --shrink --resolve '*.test=127.0.0.1' --test faults.lua >"$work/out" 2>&1
same "the faults of two seeds" 2 "$(grep -c '^{"seed":[23],"file":"faults.lua",.*"faults":\["[^,]*","[^,]*","[^,]*"\]}$' "$work/out")"
echo 'error "always \200"' >always.lua
has "no faults" '"always.lua" still fails without any fault: look' "$("$NETMCU" --sim --shrink --test always.lua)"
has "a byte that is not UTF-8" 'always ?' "$("$NETMCU" --seeds 1 --test always.lua)"

# The hosts of a test print comments. Their errors, and faults without effect, are failures of the
# test; the other seeds run on.
cat >hosts.lua <<'END'
local netmcu, sim = require "netmcu", require "netmcu.sim"
local lamp = sim.host("lamp", {script = "lamp.lua"})
netmcu.test("fine", function() sim.run(5000) end)
netmcu.test("an error", function() lamp.globals.fail() sim.run(5000) end)
netmcu.test("two errors", function() lamp.globals.fail() sim.run(5000) error "mine" end)
netmcu.test("fine again", function() sim.run(5000) end)
END
cat >lamp.lua <<'END'
print "the lamp is on"
function fail() tmr.create():alarm(10, tmr.ALARM_SINGLE, function() error "broken" end) end
END

"$NETMCU" --sim --test hosts.lua >"$work/out" 2>/dev/null
same "the exit status of failed hosts" 1 $?
same "the comments" 3 "$(grep -c '^# lamp [0-9.]* | the lamp is on$' "$work/out")"
same "other lines" "" "$(grep -v '^#\|^TAP\|^ok\|^not ok\|^1\.\.' "$work/out")"
same "the results" "ok 1
not ok 2
not ok 3
ok 4" "$(sed -n 's/^\(.*ok .\) - .*/\1/p' "$work/out")"
same "the errors" 2 "$(grep -c "^# host 'lamp' has failed: lamp.lua:2: broken$" "$work/out")"
"$NETMCU" --seeds 2 --test hosts.lua >"$work/out" 2>&1
same "only JSON lines, of all seeds" 3 "$(grep -c '^{' "$work/out")"
same "no other lines" 3 "$(wc -l <"$work/out" | tr -d ' ')"
cat >unmet.lua <<'END'
local sim = require "netmcu.sim"
sim.link(sim.host("lamp", {script = "lamp.lua"}), nil, {loss = 0.5})
require "netmcu".test("nothing is sent", function() sim.run(5000) end)
END
"$NETMCU" --seeds 2 --test unmet.lua >"$work/out" 2>&1
same "faults without effect" 2 "$(grep -c '"tests":2,"failed":1,.*"a fault that never took effect: link lamp - \*"' "$work/out")"

# unmet RULE TEXT [OPTIONS]: the file fails because the rule never took effect, and the failure has
# this text. With an empty text, the file passes.
echo 'net.createServer():listen(80, function(c) c:send "four" end)' >four.lua
unmet() {
  cat >rule.lua <<END
local netmcu = require "netmcu"
netmcu.script "four.lua"
local client = net.createConnection()
client:connect(80, "127.0.0.1")
client:on("receive", function() client:close() end)
netmcu.fault $1
netmcu.run()
END
  "$NETMCU" --sim $3 --root . --test rule.lua >"$work/out" 2>&1
  status=$?
  expected=0
  [ -z "$2" ] || expected=1
  same "the exit status with $1 $3: $(cat "$work/out")" $expected $status
  [ -z "$2" ] || has "with $1" "# a fault that never took effect: $2" "$(cat "$work/out")"
}
unmet '"refuse,port=81"' "refuse,port=81"
unmet '{kind = "refuse", port = 81}' "refuse,port=81"
unmet '{kind = "refuse", port = 81, optional = true}' ''
unmet '{kind = "refuse", port = 81, optional = false}' "refuse,port=81"
unmet '"?refuse,port=81"' ''
unmet '{kind = "delay", ms = 5, probability = 0}' '' # chance, not the test, keeps it from striking
unmet '"dns"' "dns"
unmet '"reset,after=99"' "reset,after=99"
unmet '"stall,after=99"' "stall,after=99"
unmet '"cut,size=4"' "cut,size=4"
unmet '"cut,size=3"' ''
unmet '"reset,after=3"' ''
unmet '"stall,after=3"' '' "--timeout 5"
unmet '"delay,ms=1"' '' "--fault refuse,port=81" # need not strike in each file

# kind TEXT CALL: a fault of this kind fails a test that has no traffic, also when --shrink repeats it.
# With traffic, the failure is that of the test.
echo 'net.createServer():listen(80, function(c) c:on("receive", c.send) end)' >answers.lua
cat >asks.lua <<'END'
heard = 0
function ask()
  local c = net.createConnection()
  c:on("connection", function() c:send "x" end)
  c:on("receive", function() heard = heard + 1 end)
  c:connect(80, "lamp")
end
END
kind() {
  for ask in '' 'hub.globals.ask()'; do
    printf '%s\n' 'local sim = require "netmcu.sim"' \
      'local lamp, hub = sim.host("lamp", {script = "answers.lua"}), sim.host("hub", {script = "asks.lua"})' \
      "sim.run(10) $2 $ask sim.run(5000)" "${ask:+error(hub.globals.heard .. ' answers', 0)}" >kind.lua
    out=$("$NETMCU" --sim --shrink --test kind.lua 2>&1)
    expected="a fault that never took effect: $1"
    [ -z "$ask" ] || expected="0 answers"
    has "$2 $ask" "# $expected" "$out"
    has "the smallest set: $2 $ask" '# "kind.lua" still fails with' "$out"
  done
}
kind "link lamp - hub" 'sim.link(lamp, hub, {loss = 1})'
kind "link hub to lamp" 'sim.path(hub, lamp, {loss = 1})'
kind "partition of lamp" 'sim.partition(lamp)'
kind "hold lamp - hub" 'sim.hold(lamp, hub)'
kind "name failures of router" 'sim.names {failures = 1}'
kind "name failures of router" 'sim.names {silence = 1}'

# What a script warns of is printed once, however often --shrink repeats the run.
echo 'net.createServer(net.TCP, 30000)' >warns.lua
cat >warned.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("warned", function()
  netmcu.fault "dns,peer=*.test"
  netmcu.script "warns.lua"
  net.dns.resolve("a.test", netmcu.expect(function(_, ip) assert(ip) end))
end)
END
"$NETMCU" --sim --shrink --resolve a.test=127.0.0.1 --test warned.lua >"$work/out" 2>"$work/err"
has "one fault" '"warned" still fails with 1 of 1 faults' "$(cat "$work/out")"
same "the warnings" "netmcu: warns.lua:1: server time-out of 30000 s: the device takes 1 to 28800" "$(cat "$work/err")"

# A shard that is ended from outside says so, and its processes end with it.
echo 'require "netmcu".test("forever", function() while true do end end)' >forever.lua
"$NETMCU" --seeds 9 --jobs 3 --timeout 0.3 --test forever.lua >"$work/out" 2>&1
same "the exit status of a time-out" 124 $?
has "a shard that timed out" '"status":124}' "$(cat "$work/out")"
echo 'os.exit(0)' >leaves.lua
has "os.exit" '"message":"os.exit was called' "$("$NETMCU" --seeds 1 --test leaves.lua)"

for wrong in "--seeds 0x --test luck.lua" "--seeds 3-2 --test luck.lua" "--seeds 3 luck.lua" "--jobs 2 --sim --test luck.lua" \
  "--seeds 3 --jobs 0 --test luck.lua" "--shrink --test luck.lua" "--shrink --sim luck.lua" "--pcap x luck.lua" \
  "--sim --pcap x --test luck.lua" "--sim=x luck.lua" "--sim=-1 luck.lua"; do
  # shellcheck disable=SC2086
  "$NETMCU" $wrong >"$work/out" 2>&1
  [ $? = 2 ] || fail "$wrong: not wrong usage: $(cat "$work/out")"
done

# So does a script under test that does not return: its state is another one than that of the test.
echo 'function spin() while true do end end' >spin.lua
echo 'require "netmcu".test("spin", function() require "netmcu".script("spin.lua").globals.spin() end)' >spins.lua
"$NETMCU" --seeds 9 --timeout 0.3 --test spins.lua >"$work/out" 2>&1
same "the exit status of a script's time-out" 124 $?
has "a script that timed out" '"status":124}' "$(cat "$work/out")"

# An error whose text cannot be made ends nothing but its callback.
echo 'function fail() tmr.create():alarm(9, tmr.ALARM_SINGLE, function()
  error(setmetatable({}, {__tostring = function() error "no text" end})) end) end' >text.lua
cat >no_text.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("an error without a text", function()
  local script = netmcu.script("text.lua").globals
  script.fail()
  script.require "netmcu".run(100)
end)
netmcu.test("the world goes on", function() netmcu.run(10) end)
END
"$NETMCU" --sim --test no_text.lua >"$work/out" 2>&1
same "the exit status" 1 $?
has "the error" "no text" "$(cat "$work/out")"
has "the next test" "ok 2 - the world goes on" "$(cat "$work/out")"
