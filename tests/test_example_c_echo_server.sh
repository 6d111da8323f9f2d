#!/bin/sh
# examples/c/echo_server.c: every byte comes back, even to a client that first sends 20 MB and reads
# afterwards; over IPv4, IPv6 and a Unix-domain socket.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program echo_server
need nc

start_program echo_server 0
server=$process
port=$(port_of echo_server)
same "a word" hello "$(printf 'hello' | nc -N -w $patience 127.0.0.1 "$port")"
if grep -qs '^0*1 ' /proc/net/if_inet6; then
  same "a word over IPv6" hello "$(printf 'hello' | nc -N -w $patience ::1 "$port")"
fi

head -c 20000000 /dev/urandom >"$work/sent"
mkfifo "$work/slow"
# shellcheck disable=SC2016
start reader sh -c 'sleep 1; exec cat <"$1" >"$2"' sh "$work/slow" "$work/received"
reader=$process
nc -N -w $patience 127.0.0.1 "$port" <"$work/sent" >"$work/slow"
wait "$reader"
cmp "$work/sent" "$work/received" || fail "not every byte came back"
still_running echo_server "$server"

path=$work/socket
start_program echo_server "unix:$path"
wait_for echo_server "echo on unix:$path"
same "a word over a Unix-domain socket" hello "$(printf 'hello' | nc -N -w $patience -U "$path")"
stop "$process"
start_program echo_server "unix:$path"
wait_for echo_server "echo on unix:$path" # in spite of the file that the first one has left behind
