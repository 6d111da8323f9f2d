#!/bin/sh
# In a simulation, the memory of texts of one length is used again for texts of another length.
. "$NETMCU_SOURCE/tests/support/shell.sh"
[ -r /proc/self/status ] || skip "this system does not say how much memory a program has needed"
not_sanitized

cat >"$work/texts.lua" <<'END'
for length = 1, 4000, 8 do
  local texts = {}
  for i = 1, 100 do
    texts[i] = string.rep("x", length) .. i
  end
end
os.execute "grep VmHWM /proc/$PPID/status"
END
"$NETMCU" --sim "$work/texts.lua" >"$work/needed" || fail "the script failed"
needed=$(sed -n 's/VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "$work/needed")
[ "$needed" -lt 40000 ] || fail "$needed KiB for texts of 400 KB at a time"
