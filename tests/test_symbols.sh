#!/bin/sh
# libnetmcu exports what cmake/netmcu.symbols lists and the headers declare. The Lua module exports
# only what Lua looks for. The list is committed, so that a change of the library's interface shows
# in the commit that makes it.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need nm cc
case $(uname) in
  Linux | *BSD) ;;
  *) skip "symbols look different in this system's libraries" ;;
esac
[ -z "${NETMCU_SANITIZE-}" ] || skip "a sanitizer exports symbols of its own"
! grep -qs 'NETMCU_COVERAGE:BOOL=ON' "$NETMCU_BUILD/CMakeCache.txt" || skip "so does the measuring of coverage"

list=$NETMCU_SOURCE/cmake/netmcu.symbols
library=$NETMCU_BUILD/libnetmcu.so
if [ ! -f "$library" ]; then
  # The archive contains the objects of the shared library.
  library=$work/libnetmcu.so
  cc -shared -o "$library" -Wl,--whole-archive "$NETMCU_BUILD/libnetmcu.a" -Wl,--no-whole-archive ||
    fail "cannot link a shared library"
fi

exports() {
  nm -D --defined-only "$1" | awk '{ print $NF }' | LC_ALL=C sort
}

# A declaration may continue on the next line, but its name does not.
declared() {
  sed -n 's/^NETMCU_API .*[ *]\(netmcu_[a-z_]*\)(.*/\1/p' "$NETMCU_SOURCE"/include/netmcu*.h | LC_ALL=C sort
}

# same_list WHAT FILE
same_list() {
  diff -u "$list" "$2" >"$work/difference" && return
  cat "$work/difference"
  fail "$1 what cmake/netmcu.symbols lists
  a change that is meant:  nm -D --defined-only LIBRARY | awk '{ print \$NF }' | LC_ALL=C sort >cmake/netmcu.symbols
  one that takes something away asks for a new SONAME, too (docs/releasing.md)"
}

exports "$library" >"$work/exported"
same_list "the library does not export" "$work/exported"
declared >"$work/declared"
same_list "the headers do not declare" "$work/declared"

# Internal names start differently, so that they cannot collide with names of a program that links
# the library statically.
if [ -f "$NETMCU_BUILD/libnetmcu.a" ]; then
  others=$(nm -g --defined-only "$NETMCU_BUILD/libnetmcu.a" | awk 'NF == 3 { print $3 }' | grep -v '^netmcu_')
  same "names in the archive that do not begin with netmcu_" "" "$others"
fi

module=$NETMCU_BUILD/lua/net.so
if [ -f "$module" ]; then
  same "what net.so exports besides luaopen_*" "" "$(exports "$module" | grep -v '^luaopen_')"
fi
