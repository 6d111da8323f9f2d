#!/bin/sh
# The documentation's examples of net.ping(), word for word (tests/documented), in their own
# network, where the hosts are this machine.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
for ip in 8.8.8.8 8.8.4.4 192.0.2.80; do
  ip addr add $ip/32 dev lo
done
documented=$NETMCU_SOURCE/tests/documented

"$NETMCU" --timeout $patience -e 'net.ping("127.0.0.1", 1, function() end)' >"$work/allowed.log" 2>&1 || {
  grep -q -e 'permission denied' -e 'not in this build' "$work/allowed.log" && skip "$(grep ping: "$work/allowed.log")"
  fail "a ping ends with an error"
}

# without_times FILE: prints it with equal times, and without the comments of the documentation
without_times() {
  sed -e 's/time=[0-9]*ms/time=Nms/' -e 's/, time [0-9]*ms/, time Nms/' -e 's/ -- .*//' "$1"
}

# The documented numbers start with the 9th echo request of the stack.
"$NETMCU" --timeout $patience --root "$documented" -e '
  local function ping(times)
    if times == 0 then
      dofile "14_ping_overlapping.lua"
    else
      net.ping("127.0.0.1", 1, function() end, function() ping(times - 1) end)
    end
  end
  ping(8)' >"$work/overlapping.log" 2>&1 || fail "overlapping pings end with an error"
same "overlapping pings" "$(without_times "$documented/14_ping_overlapping.txt")" "$(without_times "$work/overlapping.log")"

# Three pings at once. The last one silences the others, which report the loss of 4 and 10 requests.
"$NETMCU" --timeout $patience --resolve www.nodemcu.com=192.0.2.80 "$documented/13_ping.lua" >"$work/three.log" 2>&1 ||
  fail "three pings end with an error"
same "replies and losses" 18 "$(grep -c -e '^32 bytes from 192\.0\.2\.80, icmp_seq=[1-9]' \
  -e '^0 bytes from 192\.0\.2\.80, icmp_seq=0 time=0ms$' "$work/three.log")"
same "statistics, of the last one" "--- 192.0.2.80 ping statistics ---
4 packets transmitted, 4 received, 0% packet loss, time Nms" "$(without_times "$work/three.log" | grep -A 1 statistics)"

same "no such host" "Invalid IP address
Invalid IP address
Invalid IP address" "$("$NETMCU" --timeout $patience --dns 127.0.0.1:1 "$documented/13_ping.lua" 2>&1)"
