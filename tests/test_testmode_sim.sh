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
has "the first seed" "# test/lamp_test.lua, seed 10" "$(cat "$work/out")"
has "all seeds" "1..50" "$(cat "$work/out")"

# In a world of its own, the script has the port that it asks for, an hour passes at once, and a test
# that fails by chance fails with the same seeds each time.
cat >luck.lua <<'END'
local netmcu = require "netmcu"
netmcu.test("port", function()
  local f = assert(io.open("server.lua", "w"))
  f:write "net.createServer():listen(80, function() end)"
  f:close()
  assert(netmcu.script("server.lua"):port(80) == 80)
end)
netmcu.test("an hour", function()
  local start = tmr.time()
  netmcu.run(3600000)
  assert(tmr.time() - start == 3600)
end)
netmcu.test("luck", function() assert(node.random(1, 4) > 1) end)
END
"$NETMCU" --seeds 40 --test luck.lua >"$work/out" 2>&1 && fail "nobody had bad luck"
failed=$(grep '^not ok' "$work/out" | sed 's/.* - //')
[ "$(echo "$failed" | grep -c '^luck, seed ')" -gt 2 ] || fail "$(cat "$work/out")"
"$NETMCU" --seeds 40 --test luck.lua 2>&1 | grep '^not ok' | sed 's/.* - //' >"$work/again"
same "what fails the second time" "$failed" "$(cat "$work/again")"

for wrong in "--seeds 0x --test luck.lua" "--seeds 3-2 --test luck.lua" "--seeds 3 luck.lua" "--pcap x luck.lua" \
  "--sim --pcap x --test luck.lua" "--sim=x luck.lua" "--sim=-1 luck.lua"; do
  # shellcheck disable=SC2086
  "$NETMCU" $wrong >"$work/out" 2>&1
  [ $? = 2 ] || fail "$wrong: not wrong usage: $(cat "$work/out")"
done
