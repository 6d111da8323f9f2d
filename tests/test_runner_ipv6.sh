#!/bin/sh
# The option --ipv6: a script reaches a name that has an AAAA record only, which does not exist
# without the option.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need python3

cat >"$work/server.py" <<'END'
import socket

try:
    server = socket.create_server(("::1", 0), family=socket.AF_INET6)
except OSError as error:
    print("no IPv6:", error, flush=True)
else:
    print("port", server.getsockname()[1], flush=True)
    server.accept()[0].sendall(b"hello")
END
# A name server: ::1 for AAAA records (28), and no record of another type.
cat >"$work/client.lua" <<'END'
local dns, sk = net.createUDPSocket(), net.createConnection()
dns:on("receive", function(_, query, port, ip)
  local record = query:byte(-3) == 28 and "\xC0\x0C\0\28\0\1\0\0\0\60\0\16" .. ("\0"):rep(15) .. "\1" or ""
  local header = query:sub(1, 2) .. "\x81\x80\0\1\0" .. (record == "" and "\0" or "\1") .. "\0\0\0\0"
  dns:send(port, ip, header .. query:sub(13) .. record)
end)
dns:listen(0, "127.0.0.1")
require "netmcu".options {dns = "127.0.0.1:" .. dns:getaddr()}
sk:on("dns", function(_, ip) print("dns", ip) end)
sk:on("receive", function(_, data) print(data) sk:close() dns:close() end)
sk:on("disconnection", function(_, code) print("disconnection", code) dns:close() end)
sk:connect(tonumber(arg[1]), "six.test")
END

start server python3 "$work/server.py"
wait_until "the server's port" [ -s "$work/server.log" ]
grep -q '^port' "$work/server.log" || skip "$(cat "$work/server.log")"
port=$(sed 's/port //' "$work/server.log")
same "with --ipv6" "dns	::1
hello" "$("$NETMCU" --timeout $patience --ipv6 "$work/client.lua" "$port" 2>&1)"
same "without it" "dns	nil
disconnection	-8" "$("$NETMCU" --timeout $patience "$work/client.lua" "$port" 2>&1)"
