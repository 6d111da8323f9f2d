#!/bin/sh
# examples/c/own_loop.c: the program's timer and netmcu's server on one loop, which is empty at the
# end.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program own_loop
need nc mkfifo

start_program own_loop 0 2
program=$process
port=$(port_of own_loop)

# A client that does not close its side makes netmcu linger, but this must not keep the program.
mkfifo "$work/keys"
# shellcheck disable=SC2016
start idle sh -c 'exec nc 127.0.0.1 "$1" <>"$2"' sh "$port" "$work/keys"
wait_for idle "tick "
has "an answer" "tick " "$(nc -d -w $patience 127.0.0.1 "$port")"

wait "$program" || fail "the program ended with an error"
has "the end" "netmcu has left the loop
the loop is empty" "$(cat "$work/own_loop.log")"
