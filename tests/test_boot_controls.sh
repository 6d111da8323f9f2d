#!/bin/sh
# The network options of the command line, each by its effect on an unchanged script.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

# run EXPECTED-STATUS ARGUMENT...
run() {
  wanted=$1
  shift
  "$NETMCU" --timeout $patience "$@" >out 2>err
  status=$?
  out=$(cat out)
  err=$(cat err)
  [ $status -eq "$wanted" ] || fail "$*: status $status, expected $wanted: $out $err"
}

# A web server and its client, whose ports and names are redirected.
cat >script.lua <<'END'
local server = net.createServer()
server:listen(80, function(c)
  c:on("receive", function(s) s:send "welcome" end)
  c:on("sent", function(s) s:close() server:close() end)
end)
print("listening", server:getaddr())
local sk = net.createConnection()
sk:on("receive", function(_, data) print(data) end)
sk:on("disconnection", function(_, code) print("over", code) if code ~= 0 then pcall(server.close, server) end end)
sk:connect(80, "www.example.org", function(s) s:send "hello" end)
END
port=$(free_port)
run 0 --map-port "80=$port" --resolve "www.example.org:80=127.0.0.1:$port" --bind 127.0.0.1 script.lua
same "mapped" "listening	80	127.0.0.1
welcome
over	0" "$out"

run 0 --map-port "80=$port" --resolve "www.example.org:80=127.0.0.1:$port" --fault refuse,peer=www.example.org script.lua
has "refused" "over	-9" "$out"

# trace and statistics
run 0 --map-port "80=$port" --resolve "www.example.org:80=127.0.0.1:$port" --trace --stats script.lua
has "the trace" "hello" "$err"
has "statistics" "netmcu: open: 0 connections, 0 servers" "$err"
has "statistics" "received 12 bytes, sent 12 bytes" "$err"
run 0 --map-port "80=$port" --resolve "www.example.org:80=127.0.0.1:$port" --trace=json script.lua
same "json" "" "$(grep -v '^{.*}$' err)"
run 0 --map-port "80=$port" --resolve "www.example.org:80=127.0.0.1:$port" --trace-data script.lua
has "all bytes" "68 65 6c 6c 6f" "$(tr -s ' ' <err)"

# two DNS servers
run 0 --dns 192.0.2.1 --dns 192.0.2.2:5353 -e 'print(net.dns.getdnsserver(0), (net.dns.getdnsserver(1)))'
same "--dns" "192.0.2.1	192.0.2.2" "$out"

# invalid options are reported
run 2 --map-port nonsense script.lua
has "a wrong port" "map-port: " "$err"
run 2 --resolve nonsense script.lua
has "a wrong name" "resolve: " "$err"
run 2 --fault nonsense script.lua
has "a wrong fault" "fault: " "$err"
run 2 --trace=xml script.lua

# SIGUSR1 at any time
start stats "$NETMCU" --stats -e 'net.createServer():listen(0, "127.0.0.1", print) print "ready"'
wait_for stats ready
kill -s USR1 "$process"
wait_for stats "netmcu: open: 0 connections, 1 server,"
kill -s INT "$process"
wait "$process"
same "the status" 0 $?
same "twice" 2 "$(grep -c 'netmcu: open' "$work/stats.log")"
