#!/bin/sh
# examples/c/chat_server.c with users of nc.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program chat_server
need nc mkfifo

# user NAME: connects a user. The pipe $work/NAME.keys is the keyboard, $work/NAME.log the screen.
user() {
  mkfifo "$work/$1.keys"
  # shellcheck disable=SC2016
  start "$1" sh -c 'exec nc 127.0.0.1 "$1" <>"$2"' sh "$port" "$work/$1.keys"
}
type_as() {
  printf '%s\n' "$2" 1<>"$work/$1.keys"
}

start_program chat_server 0
server=$process
port=$(port_of chat_server)
user ann
wait_for chat_server "1: (came)"
type_as ann "is anybody there?" # nobody else is connected
user bob
bob=$process
wait_for ann "2: (came)"
type_as bob "hello"
wait_for ann "2: hello"
type_as ann "hello to you"
wait_for bob "1: hello to you"
grep -q "1: hello to you" "$work/ann.log" && fail "ann reads what she wrote herself"
kill -9 "$bob"
wait_until "the end of bob" grep -qE "2: \((left|vanished)\)" "$work/ann.log"
head -c 2000 /dev/zero | tr '\0' y | nc -N 127.0.0.1 "$port" >"$work/long.log"
wait_for ann "2: yyyyyyyy"
still_running chat_server "$server"
