#!/bin/sh
# examples/lua/chat.lua with users of nc who talk, leave, vanish, fall silent, or do not read.
. "$NETMCU_SOURCE/tests/support/example.sh"
need nc mkfifo

# user NAME: connects a user. The pipe $work/NAME.keys is the keyboard, $work/NAME.log the screen.
user() {
  mkfifo "$work/$1.keys"
  # shellcheck disable=SC2016
  start "$1" sh -c 'exec nc 127.0.0.1 "$1" <>"$2"' sh "$port" "$work/$1.keys"
  wait_for "$1" "* welcome"
}
type_as() {
  printf '%s\r\n' "$2" 1<>"$work/$1.keys"
}

start_script chat 0
server=$process
port=$(port_of chat)

user ann
user bob
type_as ann "/name ann"
wait_for bob "* guest1 is now ann"
type_as bob "/name ann"
wait_for bob "* choose another name"
type_as bob "/name bob"
wait_for ann "* guest2 is now bob"
type_as ann "hello there"
wait_for bob "ann: hello there"
type_as bob "hello ann"
wait_for ann "bob: hello ann"
grep -q "ann: hello there" "$work/ann.log" && fail "ann reads what she wrote herself"
type_as bob "/who"
wait_for bob "* ann, bob"

user eve
eve=$process
kill -9 "$eve"
wait_for ann "* guest3 left"
type_as bob "/quit"
wait_for bob "* bye"
wait_for ann "* bob left"

# Telnet's negotiation, a line without end, and an end without a line
{
  printf '\377\373\001\377\375\003ping\000pong\r\n'
  head -c 3000 /dev/zero | tr '\0' y
} | nc -N 127.0.0.1 "$port" >"$work/odd.log"
wait_for ann "guest4: pingpong"
wait_for ann "* guest4 left"
still_running chat "$server"
stop "$server"

# A silent user is disconnected after the idle timeout.
start_script chat 0 1
port=$(port_of chat)
user dan
wait_for chat "* guest1 left (code -8)"
