#!/bin/sh
# listen(80) without permission: one line says what happened and three ways out.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need setpriv

[ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024)" -gt 80 ] ||
  skip "the system lets everybody listen on port 80"

# A place that the unprivileged user may read.
chmod 755 "$work"
cp "$NETMCU" "$work/netmcu"
unprivileged() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all "$work/netmcu" "$@"
  else
    "$NETMCU" "$@"
  fi
}
(cd / && unprivileged -e 'print "runs"') >"$work/out" 2>&1 || skip "no other user can run it: $(cat "$work/out")"

expected='listen on port 80: permission denied: take a port from 1024 on, run with --map-port 80=8080, or let the system allow it: sysctl net.ipv4.ip_unprivileged_port_start=80'
(cd / && unprivileged -e 'net.createServer():listen(80, print)') >"$work/out" 2>"$work/err"
[ $? -eq 1 ] || fail "status $?"
same "the error" "netmcu: (command line):1: $expected" "$(head -n 1 "$work/err")"
(cd / && unprivileged -e 'net.createServer():listen(80, "127.0.0.1", print)') 2>"$work/err" && fail "it listens"
has "with an address" "$expected" "$(cat "$work/err")"
(cd / && unprivileged -e 'net.createUDPSocket():listen(53)') 2>"$work/err" && fail "it is bound"
has "UDP" "listen on port 53: permission denied: take a port from 1024 on" "$(cat "$work/err")"

# it can be caught, and another port works with the same object
same "another port" "true" "$(cd / && unprivileged -e '
local server = net.createServer()
assert(not pcall(server.listen, server, 80, print))
server:listen(0, print)
print(server:getaddr() > 1023)
server:close()' 2>&1)"
