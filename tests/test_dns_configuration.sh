#!/bin/sh
# A script that runs while the network changes asks the new name server: /etc/resolv.conf is read again.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
ip route add unreachable 192.0.2.1/32

start captive_dns "$NETMCU" "$NETMCU_SOURCE/examples/lua/captive_dns.lua"
cat >"$work/ask.lua" <<'END'
print(net.dns.getdnsserver())
net.dns.resolve("any.example", function(_, ip)
  print(ip) -- nobody can be reached at this address
  local file = io.open("/etc/resolv.conf", "w")
  file:write("nameserver 127.0.0.1\n")
  file:close()
  tmr.create():alarm(10, tmr.ALARM_SINGLE, function()
    print(net.dns.getdnsserver())
    net.dns.resolve("any.example", function(_, again) print(again) end)
  end)
end)
END
echo "nameserver 192.0.2.1" >"$work/resolv.conf"
cat >"$work/ask.sh" <<'END'
mount --bind "$1" /etc/resolv.conf || exit 77
exec "$NETMCU" "$2"
END
wait_for captive_dns 53
answers=$(unshare -m sh "$work/ask.sh" "$work/resolv.conf" "$work/ask.lua" 2>"$work/ask.log") ||
  skip "this system lets nobody mount: $(cat "$work/ask.log")"
same "the answers" "192.0.2.1
nil
127.0.0.1
10.9.8.1" "$answers"
