#!/bin/sh
# listen(80) without permission: one line says what happened and three ways out.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need setpriv

[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024)" -gt 80 ] ||
  skip "the system lets everybody listen on port 80"

# Root without the capability is like any other user here.
unprivileged() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --bounding-set=-net_bind_service --inh-caps=-net_bind_service "$@"
  else
    "$@"
  fi
}
unprivileged true || skip "capabilities cannot be dropped here"

expected='listen on port 80: permission denied: take a port from 1024 on, run with --map-port 80=8080, or let the system allow it: sysctl net.ipv4.ip_unprivileged_port_start=80'
(unprivileged "$NETMCU" -e 'net.createServer():listen(80, print)') >"$work/out" 2>"$work/err"
[ $? -eq 1 ] || fail "status $?"
same "the error" "netmcu: (command line):1: $expected" "$(head -n 1 "$work/err")"
(unprivileged "$NETMCU" -e 'net.createServer():listen(80, "127.0.0.1", print)') 2>"$work/err" && fail "it listens"
has "with an address" "$expected" "$(cat "$work/err")"
(unprivileged "$NETMCU" -e 'net.createUDPSocket():listen(53)') 2>"$work/err" && fail "it is bound"
has "UDP" "listen on port 53: permission denied: take a port from 1024 on" "$(cat "$work/err")"

# it can be caught, and another port works with the same object
same "another port" "true" "$(unprivileged "$NETMCU" -e '
local server = net.createServer()
assert(not pcall(server.listen, server, 80, print))
server:listen(0, print)
print(server:getaddr() > 1023)
server:close()' 2>&1)"

# The core's own test of --map-port auto means something without the permission only.
if [ -x "$NETMCU_BUILD/tests/test_route" ]; then
  unprivileged "$NETMCU_BUILD/tests/test_route" >"$work/route.log" 2>&1 || fail "test_route"
fi
