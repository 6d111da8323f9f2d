#!/bin/sh
# --page: the page closes a client that does not send the key within five seconds, whether the
# client sends nothing or a part of a request. Here, the web server is a script in virtual time. It
# looks once in a second, so it closes the clients in the sixth.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cat >"$work/script.lua" <<'END'
local has_server, server = pcall(require, "netmcu.page.server")
local program = {port = 0, ip = "0.0.0.0"}
if not has_server or not pcall(server.start, program) then
  print "no page"
  os.exit(0)
end
for _, request in ipairs {"", "GET / HTTP/1.1\r\nHost: 127.0.0.1"} do
  local client = net.createConnection()
  client:on("connection", function() return request ~= "" and client:send(request) end)
  client:on("disconnection", function(_, code) print("closed", code, tmr.time()) end)
  client:connect(program.port, "127.0.0.1")
end
tmr.create():alarm(10000, tmr.ALARM_SINGLE, function()
  print "over"
  os.exit(0)
end)
END
output=$("$NETMCU" --sim "$work/script.lua" 2>&1) || fail "$output"
[ "$output" != "no page" ] || skip "this build has no page"
same "the clients" "closed	0	6
closed	0	6
over" "$output"
