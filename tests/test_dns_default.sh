#!/bin/sh
# Without any configuration, the name server is the device's default, 208.67.222.222.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
ip addr add 208.67.222.222/32 dev lo

start captive_dns "$NETMCU" "$NETMCU_SOURCE/examples/lua/captive_dns.lua"
cat >"$work/ask.lua" <<'END'
print(net.dns.getdnsserver(0), net.dns.getdnsserver(1))
net.dns.resolve("any.example", function(_, ip) print(ip) end)
END
: >"$work/nothing"
cat >"$work/ask.sh" <<'END'
mount --bind "$1" /etc/resolv.conf || exit 77
exec "$NETMCU" "$2"
END
wait_for captive_dns 53
answer=$(unshare -m sh "$work/ask.sh" "$work/nothing" "$work/ask.lua" 2>"$work/ask.log") ||
  skip "this system lets nobody mount: $(cat "$work/ask.log")"
same "the answer" "208.67.222.222	nil
10.9.8.1" "$answer"
