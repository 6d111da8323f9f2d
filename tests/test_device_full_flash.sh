#!/bin/sh
# On a full disk, the write that does not fit returns nil, as on a device with a full flash. A limit
# for the size of files makes such a disk for one file.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

cat >full.lua <<'END'
local big = file.open("big", "w")
local accepted = 0
while accepted < 1000000 and big:write(string.rep("x", 3000)) do
  accepted = accepted + 3000
end
print("full", accepted < 1000000, file.stat("big").size >= accepted)
print("flush", big:flush(), "write", big:write("x"), "writeline", big:writeline("x"))
print("close", select("#", big:close()))

local size = file.stat("big").size
big = file.open("big", "a+")
print("append", big:write("important settings"), file.stat("big").size == size)
print("read", big:seek("set", 0), #big:read(10))
big:close()

print("putcontents", file.putcontents("all", string.rep("x", 1000000)))
file.open("small", "w")
print("small", file.write("settings"), file.flush(), file.stat("small").size)
file.close()
END

# Ignores the signal, which would otherwise end the program instead of the write.
(
  trap '' XFSZ
  ulimit -f 32
  exec "$NETMCU" --timeout "$patience" full.lua
) >out 2>err || fail "status $?: $(cat out err)"
same "a full disk" "full	true	true
flush	nil	write	nil	writeline	nil
close	0
append	nil	true
read	0	10
putcontents	nil
small	true	true	8" "$(cat out)"
