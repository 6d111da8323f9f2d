#!/bin/sh
# The telnet servers of the examples, with nc: the Lua prompt over TCP, for one client after the
# other. Both kinds of node.output run the same session.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need nc mkfifo

# connect: starts a client that sends what is written to descriptor 3
connect() {
  rm -f "$work/keys"
  mkfifo "$work/keys"
  start client sh -c 'exec nc 127.0.0.1 "$0" <"$1"' "$port" "$work/keys"
  client=$process
  exec 3>"$work/keys"
}

type_line() {
  printf '%s\r\n' "$1" >&3
}

gone() {
  [ "$(grep -c 'telnet client gone' "$work/server.log")" = "$1" ]
}

# hang_up N: ends the client N
hang_up() {
  exec 3>&-
  stop "$client"
  wait_until "the server sees that client $1 is gone" gone "$1"
}

session() {
  connect
  wait_for client 'Welcome to NodeMCU'
  type_line 'print("one" .. "two")'
  wait_for client onetwo
  type_line '=6*7'
  wait_for client 42
  type_line 'x = 5'
  type_line 'print(x, y)'
  wait_for client "$(printf '5\tnil')"

  # An incomplete chunk waits; its lines arrive one by one.
  type_line 'for i = 1, 2 do'
  wait_for client '>> '
  type_line '  print("turn " .. i)'
  type_line 'end'
  wait_for client 'turn 2'

  type_line 'error("no luck")'
  wait_for client 'no luck'
  type_line 'nothing.here()'
  wait_for client "nil value (global 'nothing')"
  type_line 'this is no Lua'
  wait_for client 'syntax error'
  type_line 'print("still " .. "alive")'
  wait_for client 'still alive'

  # More than fits into a packet.
  type_line 'for i = 1, 2000 do print("line " .. i .. " of many") end print("the" .. "end")'
  wait_for client theend
  same 'long output' 2000 "$(grep -c 'line [0-9]* of many' "$work/client.log")"

  # The output does not go to the terminal.
  grep -q 'still alive' "$work/server.log" && fail 'the terminal shows what is for the client'
  hang_up 1

  # The second client does not see a half-typed line of the first.
  connect
  wait_for client 'Welcome to NodeMCU'
  type_line 'if true then'
  wait_for client '>> '
  hang_up 2
  connect
  wait_for client 'Welcome to NodeMCU'
  type_line 'print("third " .. x)'
  wait_for client 'third 5'
  hang_up 3
}

for variant in telnet telnet_pipe; do
  device $variant
  port=$(free_port)
  name=PORT
  [ $variant = telnet ] || name=port
  set_in "$work/$variant/telnet.lua" $name "$port"
  start server "$NETMCU" "$work/$variant/telnet.lua"
  server=$process
  wait_for server "Telnet server on port $port"
  session
  grep netmcu: "$work/server.log" && fail "$variant: the runner complains"
  stop "$server"
done
exit 0
