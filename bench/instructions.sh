#!/bin/sh
# Counts the instructions that netmcu's echo servers execute for each message, in C and in Lua.
# Compares them with bench/instructions.txt. A count does not depend on the load of the machine, so
# it can be a check where a time cannot.
#   usage: bench/instructions.sh BUILD_DIR [--update]
# BUILD_DIR contains a Release build with -DNETMCU_BENCH=ON. --update writes the file. Exit status:
# 0 if no count is more than 5 % above the file, 1 if one is, 2 if the script cannot run, 77 if
# valgrind is missing.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
file=$here/instructions.txt
tolerance=5
few=2000
many=12000

if [ $# -lt 1 ] || { [ $# -ge 2 ] && [ "$2" != --update ]; }; then
  echo "usage: bench/instructions.sh BUILD_DIR [--update]" >&2
  exit 2
fi
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
update=${2-}

if ! valgrind -q true >/dev/null 2>&1; then
  echo "instructions: valgrind is not there, skipped" >&2
  exit 77
fi
if [ ! -x "$build/bench/bench_load" ] || [ ! -x "$build/bench/bench_netmcu" ]; then
  echo "instructions: $build holds no build with -DNETMCU_BENCH=ON" >&2
  exit 2
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
LUA_PATH="$build/lua/?.lua;;"
LUA_CPATH="$build/lua/?.so;;"
export LUA_PATH LUA_CPATH

# total SCENARIO MESSAGES COMMAND...: prints the instructions of the server from its start to its
# end
total() {
  scenario=$1 messages=$2
  shift 2
  rm -f "$scratch/out"
  "$build/bench/bench_load" -n "$messages" "$scenario" \
    valgrind -q --tool=callgrind --callgrind-out-file="$scratch/out" "$@" >"$scratch/log" 2>&1 ||
    { cat "$scratch/log" >&2; return 1; }
  sed -n 's/^totals: //p' "$scratch/out"
}

# per_message SCENARIO COMMAND...: two runs cancel out the start and the end
per_message() {
  counted=$1
  shift
  small=$(total "$counted" "$few" "$@") || return 1
  large=$(total "$counted" "$many" "$@") || return 1
  echo $(((large - small) / (many - few)))
}

measure() {
  count=$(per_message count "$build/bench/bench_netmcu") || return 1
  echo "c $count"
  count=$(per_message count_udp "$build/bench/bench_netmcu") || return 1
  echo "c_udp $count"
  if command -v lua5.4 >/dev/null && [ -e "$build/lua/net.so" ]; then
    count=$(per_message count lua5.4 "$here/contenders/netmcu_server.lua" 1460) || return 1
    echo "lua $count"
  fi
}

measured=$(measure) || exit 2

if [ -n "$update" ]; then
  {
    echo "# Instructions per echoed message of 64 bytes (c_udp: datagram), counted by bench/instructions.sh --update."
    printf '%s\n' "$measured"
  } >"$file"
  cat "$file"
  exit 0
fi
if [ ! -f "$file" ]; then
  echo "instructions: there is no $file; --update writes it" >&2
  exit 2
fi

status=0
while read -r name count; do
  kept=$(sed -n "s/^$name //p" "$file")
  if [ -z "$kept" ]; then
    echo "$name: $count instructions per message, nothing to compare with"
  elif [ $((count * 100)) -gt $((kept * (100 + tolerance))) ]; then
    echo "$name: $count instructions per message, $kept in the file: more than $tolerance % worse"
    status=1
  elif [ $((count * 100)) -lt $((kept * (100 - tolerance))) ]; then
    echo "$name: $count instructions per message, $kept in the file: better, write it down with --update"
  else
    echo "$name: $count instructions per message, $kept in the file"
  fi
done <<END
$measured
END
exit $status
