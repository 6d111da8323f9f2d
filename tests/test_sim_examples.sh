#!/bin/sh
# The scenarios of examples/sim do what their comments say, with several seeds, and each the same
# twice.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$NETMCU_SOURCE/examples/sim" || exit 1

# try SEED SCENARIO TEXT: runs a scenario, which prints the text
try() {
  "$NETMCU" --sim="$1" "$2" >"$work/out" 2>&1 || fail "$2 with the seed $1: $(cat "$work/out")"
  has "$2" "$3" "$(cat "$work/out")"
}
for seed in 1 2 3; do
  try $seed night.lua "of 15 changes"
  try $seed neighbours.lua "they know each other again"
done
try 1 fleet.lua "reports have arrived; a separated sensor has missed at most"
cp "$work/out" "$work/first"
try 1 fleet.lua "reports"
cmp "$work/first" "$work/out" || fail "the fleet differs from itself"
