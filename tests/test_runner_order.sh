#!/bin/sh
# The parts of the runner call only those that come before them in the list of lua/runner/runner.h.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need nm

objects=$NETMCU_BUILD/CMakeFiles/netmcu_runner.dir/lua/runner
parts=$(sed -n 's/^ \*   \([a-z]*\)  .*/\1/p' "$NETMCU_SOURCE/lua/runner/runner.h")
[ -f "$objects/main.c.o" ] || skip "the runner's objects are not in $objects"

set --
for source in "$NETMCU_SOURCE"/lua/runner/*.c; do
  case $source in *_windows.c) continue ;; esac
  set -- "$@" "$objects/$(basename "$source").o"
done
# One call of nm for all objects, because it takes long to start.
nm -A -P -g "$@" >"$work/symbols" || fail "nm"
awk -v parts="$(say "$parts" | tr "\n" " ")" '
  BEGIN {
    count = split(parts, part, " ")
    for (i = 1; i <= count; i++)
      rank[part[i]] = i
  }
  {
    file = $1
    sub(/.*\//, "", file)
    sub(/[_.].*/, "", file)
    if (!(file in rank) && !said[file]++)
      print file " is not in the list"
    if ($2 !~ /^runner_/)
      next
    if ($3 == "U") {
      user[++uses] = file
      used[uses] = $2
    } else
      home[$2] = file
  }
  END {
    for (i = 1; i <= uses; i++)
      if (rank[home[used[i]]] > rank[user[i]] || !(used[i] in home))
        print user[i] " calls a part that comes later: " used[i]
  }' "$work/symbols" >"$work/found"
same "dependencies that point upwards" "" "$(cat "$work/found")"
