#!/bin/sh
# examples/lua/udp_echo.lua with nc: small, empty and large datagrams.
. "$NETMCU_SOURCE/tests/support/example.sh"
need nc

start_script udp_echo 0
server=$process
port=$(port_of udp_echo)

# echo_of TEXT: prints what comes back. nc -W 1 ends with the first datagram.
echo_of() {
  printf '%s' "$1" | nc -u -W 1 -w $patience 127.0.0.1 "$port"
}
same "a word" "echo: foo" "$(echo_of foo)"
large=$(head -c 1400 /dev/zero | tr '\0' x)
same "1400 bytes" "echo: $large" "$(echo_of "$large")"
wait_for udp_echo "1400 bytes from 127.0.0.1:"
same "after it" "echo: bar" "$(echo_of bar)"
still_running udp_echo "$server"
