#!/bin/sh
# Standard input, output and error: closed ones, a reader that goes, a folder for the flash that cannot be.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

# closed: no socket takes their place
echo 'print "one" io.stderr:write "two"
uart.on("data", 0, print)
local server = net.createServer()
server:listen(0, "127.0.0.1", function(c) server:close() c:close() end)
local sk = net.createConnection()
sk:on("receive", function(_, data) os.exit(9) end)
sk:connect((server:getaddr()), "127.0.0.1")' >closed.lua
"$NETMCU" --timeout $patience closed.lua <&- >&- 2>&- || fail "all closed: status $?"
same "standard input closed" "one" "$("$NETMCU" --timeout $patience closed.lua <&- 2>&-)"
same "the prompt" "> " "$("$NETMCU" --timeout $patience -i -e 'x = 1' <&-)"

# nobody reads any more: what waits for events ends
echo 'local server = net.createServer()
server:listen(0, "127.0.0.1", function(c) c:close() end)
tmr.create():alarm(1, tmr.ALARM_AUTO, function() print "tick" end)' >tick.lua
for option in --once --watch; do
  { "$NETMCU" --timeout $patience $option tick.lua; echo $? >.status; } 2>.err | head -n 1 >.out
  wait_until "the end of tick.lua" test -s .status
  same "$option" "tick" "$(cat .out)"
  same "the status, $option" 0 "$(cat .status)"
  same "errors, $option" "" "$(cat .err)"
  rm .status
done

# --root
: >plain
for folder in plain missing/below; do
  "$NETMCU" --root $folder -e 'print "runs"' >out 2>err
  same "--root $folder" 1 $?
  same "what it says" "" "$(cat out)"
  [ "$(wc -l <err)" -eq 1 ] || fail "not one line: $(cat err)"
done
same "a missing folder" "netmcu: the folder missing/below: No such file or directory" "$(cat err)"
