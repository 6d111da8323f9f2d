#!/bin/sh
# examples/c/simulated_crash.c: the client comes back with each seed, and the same seed prints the
# same lines.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program simulated_crash

program=$NETMCU_BUILD/examples/simulated_crash
"$program" >"$work/first" || fail "$(cat "$work/first")"
has "the crash" "35.000 s  hub crashes" "$(cat "$work/first")"
has "what the lamp sees" "connection reset" "$(cat "$work/first")"
same "the second run" "$(cat "$work/first")" "$("$program")"
for seed in 2 3 4 5 6 7 8 9; do
  "$program" $seed >"$work/out" || fail "seed $seed: $(cat "$work/out")"
done
