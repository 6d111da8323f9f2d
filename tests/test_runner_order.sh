#!/bin/sh
# The parts of the runner call only those that come before them in the list of lua/runner/runner.h.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need nm

objects=$NETMCU_BUILD/CMakeFiles/netmcu_runner.dir/lua/runner
parts=$(sed -n 's/^ \*   \([a-z]*\)  .*/\1/p' "$NETMCU_SOURCE/lua/runner/runner.h")
[ -f "$objects/main.c.o" ] || skip "the runner's objects are not in $objects"

: >"$work/below"
listed=0
for part in $parts; do
  set --
  for object in "$objects/$part.c.o" "$objects/${part}"_*.c.o; do
    [ -f "$object" ] && set -- "$@" "$object"
  done
  nm "$@" | sed -n 's/.* [TBDRC] \(runner_.*\)/\1/p' >>"$work/below"
  nm "$@" | sed -n 's/.* U \(runner_.*\)/\1/p' | sort -u >"$work/used"
  upward=$(grep -vxFf "$work/below" "$work/used")
  [ -z "$upward" ] || fail "$part calls a part that comes later: $upward"
  listed=$((listed + $#))
done
same "files in the list" "$(find "$NETMCU_SOURCE/lua/runner" -name '*.c' ! -name '*_windows.c' | wc -l | tr -d ' ')" $listed
