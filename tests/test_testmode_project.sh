#!/bin/sh
# The project of docs/testing.md: its tests by the runner, by a stock Lua and by busted; and a fault that they notice.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cp -R "$NETMCU_SOURCE/examples/project" "$work/project"
cd "$work/project" || exit 1

run() {
  "$NETMCU" --timeout $patience --bind 127.0.0.1 --root device --test "$@" >"$work/out" 2>"$work/err"
  status=$?
  out=$(cat "$work/out")
}

run test/*_test.lua
[ $status -eq 0 ] || fail "status $status: $out $(cat "$work/err")"
has "the results" "ok 5 - a hub that was away is told when it is back" "$out"
has "the plan" "1..5" "$out"

# The lamp does not retry: the test says what is wrong.
sed 's/tmr.create():alarm(RETRY.*/print "not again"/' device/hub.lua >hub.new && mv hub.new device/hub.lua
run test/*_test.lua
[ $status -eq 1 ] || fail "status $status with a broken script: $out"
has "a broken script" "not ok 5 - a hub that was away is told when it is back" "$out"
has "why" "the hub was not told /lamp?on=1; the last it heard was /lamp?on=0" "$out"
has "what it printed" "# not again" "$out"
cp "$NETMCU_SOURCE/examples/project/device/hub.lua" device

# The network fails.
"$NETMCU" --timeout $patience --fault refuse,peer=hub.example.org --root device --test test/*_test.lua >"$work/out" 2>&1
[ $? -eq 1 ] || fail "the hub is away: $(cat "$work/out")"
has "the hub is away" "the hub was not told /lamp?on=1; the last it heard was nil" "$(cat "$work/out")"

[ -f "$NETMCU_BUILD/lua/net.so" ] || exit 0
LUA_CPATH="$NETMCU_BUILD/lua/?.so;;"
LUA_PATH="$NETMCU_BUILD/lua/?.lua;;"
export LUA_CPATH LUA_PATH
need lua5.4
LD_PRELOAD=${NETMCU_PRELOAD-} lua5.4 test/lamp_test.lua >"$work/out" 2>&1 || fail "a stock Lua: $(cat "$work/out")"
has "a stock Lua" "1..5" "$(cat "$work/out")"

need busted
LD_PRELOAD=${NETMCU_PRELOAD-} ASAN_OPTIONS=detect_leaks=0 lua5.4 "$(command -v busted)" test/lamp_spec.lua >"$work/out" 2>&1
status=$?
grep -q "module 'busted.runner' not found" "$work/out" && skip "busted is not installed for Lua 5.4"
[ $status -eq 0 ] || fail "busted: $(cat "$work/out")"
has "busted" "3 successes / 0 failures" "$(cat "$work/out")"
