#!/bin/sh
# Doxygen makes the reference of the C library from its headers without a warning, and every
# function has a description.
. "$NETMCU_SOURCE/tests/support/shell.sh"
not_sanitized
need doxygen
cd "$NETMCU_SOURCE" || exit 1
(cat docs/Doxyfile && echo "OUTPUT_DIRECTORY=$work" && echo GENERATE_XML=YES) | doxygen - >"$work/doxygen.log" 2>&1 ||
  fail "doxygen warns"
[ -s "$work/html/index.html" ] || fail "there is no reference"

# In Doxygen's XML, the descriptions of a function follow its name. Empty descriptions contain no
# <para>.
cat "$work"/xml/*.xml | awk '
  /<memberdef kind="function"/ { inside = 1; words = 0 }
  inside && /<name>/ { name = $0; gsub(/.*<name>|<\/name>.*/, "", name) }
  inside && /<para>/ { words = 1 }
  inside && /<\/memberdef>/ { print name > (words ? described : silent); inside = 0 }
' described="$work/described" silent="$work/silent"
same "functions that the header says nothing about" "" "$(sort -u "$work/silent" 2>/dev/null)"
of_lua=$(sed -n 's/^[a-z].*[ *]\([a-z_]*\)(lua_State.*/\1/p' include/netmcu_lua.h)
same "functions in the reference" "$(printf '%s\n' "$of_lua" | sort - cmake/netmcu.symbols)" "$(sort -u "$work/described")"
