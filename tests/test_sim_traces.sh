#!/bin/sh
# The simulated device behaves like the real one: the scripts in tests/traces print what they print
# with the firmware's own net module, on its own stack (NN-name.txt). Where something must differ,
# NN-name.accepted has what is printed here, and the reason in its first line.
. "$NETMCU_SOURCE/tests/support/shell.sh"

same=0
for script in "$NETMCU_SOURCE"/tests/traces/*.lua; do
  name=$(basename "$script" .lua)
  { sed -n 1p "$NETMCU_SOURCE/tests/support/traces.lua" | tr '\n' ' '; cat "$script"; } >"$work/$name.lua"
  "$NETMCU" --sim --strict --no-warnings --resolve ok.test=127.0.0.1 "$work/$name.lua" >"$work/out" 2>"$work/err"
  [ $? = 0 ] && echo "#exit ok" >>"$work/out" || echo "#exit panic" >>"$work/out"
  sed 's/^#exit panic.*/#exit panic/' "${script%.lua}.txt" >"$work/device"
  if [ -f "${script%.lua}.accepted" ]; then
    sed 1d "${script%.lua}.accepted" >"$work/expected"
    ! cmp -s "$work/device" "$work/out" || fail "$name: now it is as on the device; remove the accepted one"
  else
    cp "$work/device" "$work/expected"
    same=$((same + 1))
  fi
  diff -u "$work/expected" "$work/out" || fail "$name: $(tail -n 1 "$work/err")"
done
[ $same -ge 36 ] || fail "only $same are the same"
