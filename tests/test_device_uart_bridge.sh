#!/bin/sh
# The bridge of the examples between nc and the serial line: bytes of every value in both
# directions, and clients that take over from each other.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need nc mkfifo cmp

device uart_bridge
port=$(free_port)
set_in "$work/uart_bridge/init.lua" PORT "$port"
mkfifo "$work/line" "$work/keys1" "$work/keys2"
# shellcheck disable=SC2016
start bridge sh -c 'exec "$0" "$1" <"$2"' "$NETMCU" "$work/uart_bridge" "$work/line"
bridge=$process
exec 4>"$work/line"
wait_for bridge "bridge on port $port"
printf 'nobody hears this' >&4

# connect N: starts the client N, which sends what is written to keysN
connect() {
  # shellcheck disable=SC2016
  start "client$1" sh -c 'exec nc 127.0.0.1 "$0" <"$1"' "$port" "$work/keys$1"
}

connect 1
client=$process
exec 5>"$work/keys1"
printf 'to the line\n' >&5
wait_for bridge 'to the line'
printf 'to the client\n' >&4
wait_for client1 'to the client'
grep -q nobody "$work/client1.log" && fail 'old bytes came late'

# Another client takes over.
connect 2
second=$process
exec 6>"$work/keys2"
printf 'the second\n' >&6
wait_for bridge 'the second'
printf 'for the second\n' >&4
wait_for client2 'for the second'
grep -q 'for the second' "$work/client1.log" && fail 'the first client still hears'
exec 5>&-
stop "$client"
exec 6>&-
stop "$second"

# Every byte value, in large amounts, in both directions at once.
head -c 100000 /dev/urandom >"$work/out.bin"
head -c 100000 /dev/urandom >"$work/in.bin"
before=$(wc -c <"$work/bridge.log")
rm "$work/keys1"
mkfifo "$work/keys1"
connect 1
client=$process
exec 5>"$work/keys1"
printf 'third' >&5
line_has() {
  [ "$(wc -c <"$work/bridge.log")" -eq $((before + $1)) ]
}
wait_until 'the third client has the line' line_has 5
cat "$work/in.bin" >&4 &
feeder=$!
cat "$work/out.bin" >&5
wait "$feeder"
wait_until 'all on the line' line_has 100005
client_has() {
  [ "$(wc -c <"$work/client1.log")" -eq "$1" ]
}
wait_until 'all at the client' client_has 100000
cmp "$work/in.bin" "$work/client1.log" || fail 'to the client: differs'
tail -c 100000 "$work/bridge.log" >"$work/line.bin"
cmp "$work/out.bin" "$work/line.bin" || fail 'to the line: differs'

# At the end of the serial line, the bridge keeps listening.
exec 4>&-
printf 'still\n' >&5
wait_for bridge still
kill -0 "$bridge" || fail 'the bridge has ended'
rm "$work"/client1.log
exit 0
