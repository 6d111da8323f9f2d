#!/bin/sh
# When the device would restart, the script runs again in a fresh state; with --once the run ends.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/script.lua" <<'END'
global = (global or 0) + 1
local n = tonumber(file.getcontents "count" or "0") + 1
file.putcontents("count", tostring(n))
print(n, global, net.dns.getdnsserver(1) == "192.0.2.1")
net.dns.setdnsserver("192.0.2.1", 1)
local server = net.createServer()
server:listen(0, "127.0.0.1", print)
if n < 4 then
  tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
    node.restart()
    tmr.create():alarm(1, tmr.ALARM_SINGLE, function() print "after the restart" end)
  end)
else
  server:close()
end
END
same "restarts" "1	1	false
2	1	false
3	1	false
4	1	false" "$("$NETMCU" --timeout 60 "$work/script.lua" 2>&1)"
rm "$work/count"
same "once" "1	1	false" "$("$NETMCU" --timeout 60 --once "$work/script.lua" 2>&1)"
"$NETMCU" --timeout 60 --once "$work/script.lua" >"$work/out" || fail "the status of --once: $?"

# at the top of the script
same "at once" "first
second" "$("$NETMCU" --timeout 60 --root "$work" -e '
if file.exists "again" then print "second" return end
file.putcontents("again", "x")
print "first"
node.restart()' 2>&1)"
