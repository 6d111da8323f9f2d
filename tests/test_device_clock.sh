#!/bin/sh
# The clock of the examples, with a real time server (chrony) on another port, with delays, and
# without a server. What the system refuses becomes the errors 2 and 3 of sntp.
. "$NETMCU_SOURCE/tests/support/shell.sh"
PATH=$PATH:/usr/sbin
need chronyd

example=$NETMCU_SOURCE/examples/device/clock
port=$(free_port)

start_time_server "$port"

# The server's clock is the machine's.
time_is_right() {
  told=$(sed -n 's/:..  tick$//p' "$work/$1.log" | head -n 1)
  [ "$told" = "$(TZ=UTC date -u '+%Y-%m-%d %H:%M')" ] ||
    [ "$told" = "$(TZ=UTC date -u -d "@$(($(date +%s) - 30))" '+%Y-%m-%d %H:%M')" ]
}

# The first reply may come only after several requests, until chronyd has started.
for fault in none delay,ms=50; do
  options="--resolve *.pool.ntp.org:123=127.0.0.1:$port"
  [ $fault = none ] || options="$options --fault $fault"
  # shellcheck disable=SC2086
  start clock "$NETMCU" $options "$example"
  clock=$process
  wait_for clock 'stratum 8'
  wait_for clock 'tick'
  time_is_right clock || fail "the time: $told"
  grep -q 'before the clock' "$work/clock.log" && fail 'the clock is set before it is used'
  stop "$clock"
done

# No such name; nobody who answers
start clock "$NETMCU" --fault dns,peer='*.pool.ntp.org' "$example"
wait_for clock 'cannot set the clock: 0.pool.ntp.org is not found'
stop "$process"
same 'no server' '4	nil' "$("$NETMCU" --timeout $patience -e '
  require "netmcu.device.sntp".settings.timeout = 10
  sntp.sync("127.0.0.1", nil, print)' --resolve 127.0.0.1:123=127.0.0.1:9 2>&1)"

# No free descriptor for a socket; no route
same 'no descriptor' '2	nil' "$(ulimit -n 64; "$NETMCU" --timeout $patience -e '
  require "netmcu.device.sntp".settings.timeout = 10
  while pcall(net.createUDPSocket().listen, net.createUDPSocket(), 0) do end
  sntp.sync("127.0.0.1", nil, function(...) print(...) node.dsleep(0) end)' 2>&1)"
if unshare -rn true 2>/dev/null; then
  same 'no route' '3	nil' "$(unshare -rn "$NETMCU" --timeout $patience -e '
    require "netmcu.device.sntp".settings.timeout = 10
    sntp.sync("192.0.2.1", nil, print)' 2>&1)"
fi
