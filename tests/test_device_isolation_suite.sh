#!/bin/sh
# The whole Lua suite passes while netmcu's own functions find garbage under every standard name (tests/lua/garbage.lua).
# ctest: TIMEOUT 1200
# ctest: COST 100
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/shell.sh"
not_sanitized

# Lua takes the names of functions in a traceback from the libraries, which are empty then.
left_out='test_host_traceback'

# A method call on a string would go through the metatable that the script can change.
methods='byte|find|format|gmatch|gsub|len|lower|match|rep|reverse|sub|upper'
if grep -nE ":($methods)( ?[\"([{])" "$NETMCU_SOURCE"/lua/*/*.lua | grep -v ':function '; then
  fail "these modules call string methods: write string.find(s, ...) instead of s:find(...)"
fi

cat >"$work/one" <<'END'
name=$(basename "$1" .lua)
mkdir -p "$2/$name/flash" && cd "$2/$name" || exit 1
grep -q 'require "simulated"' "$1" && simulation='--sim --no-warnings'
# shellcheck disable=SC2086
"$NETMCU" $simulation --root flash -e "dofile '$NETMCU_SOURCE/tests/lua/garbage.lua'" "$1" >"$2/$name.out" 2>&1 && exit 0
echo "$name" >>"$2/failed"
END

find "$NETMCU_SOURCE/tests/lua" -name 'test_*.lua' | grep -v "$left_out" | sort >"$work/tests"
[ -s "$work/tests" ] || fail "no tests were found"
xargs -P 3 -I '{}' sh "$work/one" '{}' "$work" <"$work/tests"
if [ -s "$work/failed" ]; then
  while read -r name; do
    say "--- $name"
    tail -n 20 "$work/$name.out"
  done <"$work/failed"
  fail "$(tr '\n' ' ' <"$work/failed")"
fi

# The garbage is found: a look-up of the modules' own would end such a run.
cat >"$work/look.lua" <<'END'
assert(type(load("return table", "=netmcu.device.look")()) == "string")
assert(type(load("return string.rep", "=netmcu.device.look")()) == "string")
assert(type(load("return ('').rep", "=netmcu.device.look")()) == "string")
assert(type(table) == "table" and ("x"):rep(2) == "xx")
END
"$NETMCU" -e "dofile '$NETMCU_SOURCE/tests/lua/garbage.lua'" "$work/look.lua" >"$work/look.log" 2>&1 ||
  fail "the names are not garbage"
