#!/bin/sh
# The examples of the device's documentation, word for word, each as its own script
# (tests/documented). Their ports and hosts are redirected to this machine. test_documented_ping.sh
# has those of ping.
. "$NETMCU_SOURCE/tests/support/shell.sh"
documented=$NETMCU_SOURCE/tests/documented
port=$(free_port)

# run NAME [OPTION...]: runs an example to its end
run() {
  example=$1
  shift
  "$NETMCU" --timeout $patience --no-warnings "$@" "$documented/$example.lua"
}

# serve NAME [FILE]: runs an example in the background, with its ports 80 and 5000 mapped to $port
serve() {
  start "$1" "$NETMCU" --map-port "80=$port" --map-port "5000/udp=$port" "${2-$documented/$1.lua}"
}

accepts() {
  "$NETMCU" --timeout $patience -e "
    local sk = net.createConnection()
    sk:on('disconnection', function() os.exit(1) end)
    sk:connect($port, '127.0.0.1', function() os.exit(0) end)"
}

# talk TEXT: sends TEXT, unless it is empty, to $port, and prints everything until the peer closes
talk() {
  "$NETMCU" --timeout $patience -e "
    local sk, got = net.createConnection(), {}
    sk:on('receive', function(_, data) got[#got + 1] = data end)
    sk:on('disconnection', function(_, code) print(table.concat(got) .. '|' .. code) end)
    sk:connect($port, '127.0.0.1', function() if '$1' ~= '' then sk:send('$1') end end)"
}

same "createServer()" "" "$(run 01_create_server 2>&1)"
same "server:close()" "" "$(run 02_server_close 2>&1)"
# The documentation closes a server that does not listen, which the device itself refuses.
has "server:close(), with warnings" 'close of a socket that is not open: the device raises "not connected"' \
  "$("$NETMCU" "$documented/02_server_close.lua" 2>&1)"

serve 03_server_listen
wait_until "it listens" accepts
same "server:listen(), what the client is told" "hello world|0" "$(talk "my data")"
wait_for 03_server_listen "my data"
same "server:listen(), what is printed" "my data" "$(cat "$work/03_server_listen.log")"
stop "$process"

serve 07_socket_send
wait_until "it listens" accepts
same "socket:send()" "lots of dataeven more datae.g. content read from a file|0" "$(talk request)"
stop "$process"

{
  say 'net.createServer(net.TCP):listen(80, function(sck) local header = "header "'
  cat "$documented/08_socket_send_callbacks.lua"
  say 'end)'
} >"$work/callbacks.lua"
serve 08_socket_send_callbacks "$work/callbacks.lua"
wait_until "it listens" accepts
same "socket:send() with callbacks" \
  "header some large chunk of dynamically loaded dataeven more dynamically loaded data|0" "$(talk "")"
stop "$process"

# A web server that prints the request. Its answer is longer than a frame.
cat >"$work/web.lua" <<'END'
local server = net.createServer(net.TCP)
server:listen(0, "127.0.0.1", function(conn)
  conn:on("receive", function(sck, request)
    print((request:gsub("\r\n", "|")))
    sck:send("HTTP/1.1 200 OK\r\n\r\n" .. ("x"):rep(4000), function() sck:close() end)
  end)
end)
print((server:getaddr()))
END
start web "$NETMCU" --no-warnings "$work/web.lua"
wait_until "the web server's port" grep -q '[0-9]' "$work/web.log"
web=$(head -n 1 "$work/web.log")
answer=$(printf 'HTTP/1.1 200 OK\r\n\r\n' && head -c 4000 /dev/zero | tr '\0' x)

same "socket:on()" "$answer" "$(run 05_socket_on --resolve "httpbin.org:80=127.0.0.1:$web" --frame-size 0)"
same "the request" "GET /get HTTP/1.1|Host: httpbin.org|Connection: close|Accept: */*||" "$(tail -n 1 "$work/web.log")"
run 05_socket_on --resolve "httpbin.org:80=127.0.0.1:$web" >"$work/frames"
[ "$(grep -c . "$work/frames")" -ge 4 ] || fail "4019 bytes are not given frame by frame"

{
  cat "$documented/05_socket_on.lua" "$documented/06_socket_on_buffer.lua"
  say 'srv:on("disconnection", function() print(buffer) end)'
} >"$work/buffer.lua"
same "socket:on() with a buffer" "$answer" \
  "$("$NETMCU" --timeout $patience --resolve "httpbin.org:80=127.0.0.1:$web" "$work/buffer.lua")"

{
  cat "$documented/09_socket_ttl.lua"
  say 'sk:on("connection", function(_) print(sk:ttl(), sk:getpeer()) sk:close() end)'
} >"$work/ttl.lua"
same "socket:ttl()" "1	80	192.168.1.1" \
  "$("$NETMCU" --timeout $patience --resolve "192.168.1.1:80=127.0.0.1:$web" "$work/ttl.lua")"
stop "$process"

serve 10_udpsocket_send
wait_for 10_udpsocket_send "local UDP socket address / port: 0.0.0.0:5000"
echoed=$("$NETMCU" --timeout $patience -e "
  local udp = net.createUDPSocket()
  udp:on('receive', function(self, data) print(data) self:close() end)
  udp:send($port, '127.0.0.1', 'foo')")
same "udpsocket:send()" "echo: foo" "$echoed"
has "udpsocket:send(), what is printed" "received 'foo' from 127.0.0.1:" "$(cat "$work/10_udpsocket_send.log")"
if command -v nc >/dev/null; then
  same "udpsocket:send(), asked as documented" "echo: foo" "$(printf foo | nc -w1 -u 127.0.0.1 "$port")"
fi
stop "$process"

# The comments at the ends of the lines are the expected output.
sed -n 's/.* -- //p' "$documented/11_dns_servers.lua" >"$work/servers"
same "the DNS servers" "$(cat "$work/servers")" "$(run 11_dns_servers --dns 208.67.222.222)"

cat >"$work/names.lua" <<'END'
print(require "dns_server" {["www.nodemcu.com"] = "192.0.2.80", ["www.google.com"] = "192.0.2.81"}.port)
END
start names env LUA_PATH="$NETMCU_SOURCE/tests/lua/?.lua;;" "$NETMCU" "$work/names.lua"
wait_until "the name server's port" grep -q '[0-9]' "$work/names.log"
dns=127.0.0.1:$(head -n 1 "$work/names.log")
same "socket:dns()" "192.0.2.80" "$(run 04_socket_dns --dns "$dns")"
same "dns.resolve()" "192.0.2.81" "$(run 12_dns_resolve --dns "$dns")"
stop "$process"
start nobody env LUA_PATH="$NETMCU_SOURCE/tests/lua/?.lua;;" "$NETMCU" -e 'print(require "dns_server" {}.port)'
wait_until "the name server's port" grep -q '[0-9]' "$work/nobody.log"
same "dns.resolve() of no name" "DNS fail!" "$(run 12_dns_resolve --dns "127.0.0.1:$(head -n 1 "$work/nobody.log")")"
