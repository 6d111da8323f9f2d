#!/bin/sh
# examples/c/retry_client.c: before the server starts, with it, after its end, and with the next
# one; over IPv4, IPv6 and a Unix-domain socket.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program retry_client

port=$(free_port)
# serve NAME: sends its name to each client and closes
serve() {
  start "$1" "$NETMCU" -e "net.createServer():listen($port, '127.0.0.1', function(client)
    client:send('this is $1\\n', client.close)
  end)"
}

start_program retry_client 127.0.0.1 "$port"
client=$process
wait_for retry_client "connection reset; next try in 250 ms"
wait_for retry_client "connection reset; next try in 500 ms"

serve first
wait_for retry_client "this is first"
wait_for retry_client "the server has ended the connection; next try in 250 ms"
stop "$process"
serve second
wait_for retry_client "this is second"
still_running retry_client "$client"
same "the pause after a success" 0 "$(grep 'has ended' "$work/retry_client.log" | grep -vc 'in 250 ms')"
stop "$client"

need nc
# say_once NAME ARGUMENT...: sends its name to the one client of nc
say_once() {
  # shellcheck disable=SC2016
  start "$1" sh -c 'name=$1; shift; echo "this is $name" | nc -N -l "$@"' sh "$@"
}

start_program retry_client "unix:$work/socket"
client=$process
wait_for retry_client "no such file or directory; next try in 250 ms"
say_once unix -U "$work/socket"
wait_for retry_client "this is unix"
if grep -qs '^0*1 ' /proc/net/if_inet6; then
  stop "$client"
  start_program retry_client ::1 "$port"
  client=$process
  wait_for retry_client "connection reset; next try in 250 ms"
  say_once ipv6 ::1 "$port"
  wait_for retry_client "this is ipv6"
fi
still_running retry_client "$client"
