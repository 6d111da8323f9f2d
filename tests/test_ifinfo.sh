#!/bin/sh
# What net.ifinfo() returns, in a network of its own: each field compared with the system's setting.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
ip link set left address 02:00:5e:10:00:01
ip link set right address 02:00:5e:10:00:02
ip route replace default via 10.9.8.254 dev left
ip addr add 192.0.2.7/26 dev right

cat >"$work/ifinfo.lua" <<'END'
local function fields(info)
  local list = {}
  for name, value in pairs(info) do
    if type(value) == "table" then
      value = "{" .. fields(value) .. "}"
    elseif name == "hwaddr" then
      value = value:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end)
    end
    list[#list + 1] = name .. "=" .. value
  end
  table.sort(list)
  return table.concat(list, " ")
end
for index = 0, 2 do
  local info = net.ifinfo(index)
  print(index, info and fields(info))
end
END

same "the interfaces" "0	gateway=10.9.8.254 hwaddr=02005e100001 ip=10.9.8.1 netmask=255.255.255.0
1	hwaddr=02005e100002 ip=192.0.2.7 netmask=255.255.255.192
2	nil" "$("$NETMCU" "$work/ifinfo.lua")"

# A lease of the system's DHCP client, in a /run that only this test sees.
cat >"$work/lease.sh" <<'END'
mount -t tmpfs none /run && mkdir -p /run/systemd/netif/leases || exit 77
number=$(ip -o link show left | sed 's/:.*//')
printf 'ADDRESS=10.9.8.1\nSERVER_ADDRESS=10.9.8.2\nNTP=10.9.8.3\n' >"/run/systemd/netif/leases/$number"
exec "$NETMCU" "$1"
END
leased=$(unshare -m sh "$work/lease.sh" "$work/ifinfo.lua" 2>"$work/lease.log") ||
  skip "this system lets nobody mount: $(cat "$work/lease.log")"
has "the lease" "dhcp={client_ip=10.9.8.1 ntp_server=10.9.8.3 server_ip=10.9.8.2}" "$leased"

ip link set left down
ip link set right down
same "nothing but the loopback" "0	hwaddr=000000000000 ip=127.0.0.1 netmask=255.0.0.0" \
  "$("$NETMCU" "$work/ifinfo.lua" | head -n 1)"
