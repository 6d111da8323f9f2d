#!/bin/sh
# A program that was built without the simulated network says so.
. "$NETMCU_SOURCE/tests/support/shell.sh"
grep -q '^NETMCU_SIM:BOOL=OFF' "$NETMCU_BUILD/CMakeCache.txt" || skip "this build has the simulated network"

"$NETMCU" --sim -e 'print "runs"' >"$work/out" 2>&1
same "the exit status" 2 $?
has "the reason" "--sim: this build has no simulated network: configure it with -DNETMCU_SIM=ON" "$(cat "$work/out")"
same "a run without --sim" runs "$("$NETMCU" -e 'print "runs"')"
