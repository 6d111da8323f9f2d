#!/bin/sh
# Whatever standard input is, a script reads it to its end: a file, a pipe, a terminal, a TCP socket, nothing at all.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/read.lua" <<'END'
local bytes = ""
require "netmcu.host".stdin(function(data)
  if data then
    bytes = bytes .. data
  else
    print("read " .. bytes:gsub("%s+$", ""))
  end
end)
END
reader() {
  "$NETMCU" --timeout $patience "$work/read.lua"
}

echo "a file" >"$work/input"
same "a file" "read a file" "$(reader <"$work/input")"
same "a pipe" "read a pipe" "$(echo "a pipe" | reader)"
same "an empty file" "read " "$(reader </dev/null)"
same "no input" "read " "$(reader <&-)"
# sh's way to give the writing end of a pipe as the input: there is nothing to read from it, and no end either
same "a pipe to write to" "" "$(reader <&1 | cat)"

if script -qec true /dev/null </dev/null >/dev/null 2>&1; then # not every system's knows these options
  # The terminal echoes what is typed; Ctrl-D ends it.
  has "a terminal" "read a terminal" "$(printf 'a terminal\n\004' |
    script -qec "$NETMCU --timeout $patience $work/read.lua" /dev/null | tr -d '\r')"
fi

if command -v socat >/dev/null; then
  cat >"$work/client.lua" <<'END'
local port = tonumber((...))
net.createConnection():connect(port, "127.0.0.1", function(sk) sk:send("a socket", sk.close) end)
END
  port=$(free_port)
  NETMCU_CHILD="$NETMCU --timeout $patience $work/read.lua"
  start socat socat "TCP-LISTEN:$port,bind=127.0.0.1" "SYSTEM:exec $NETMCU_CHILD >$work/socket.out,nofork"
  listening() {
    "$NETMCU" --timeout $patience "$work/client.lua" "$port" 2>/dev/null && [ -s "$work/socket.out" ]
  }
  wait_until "the socket is read" listening
  same "a TCP socket" "read a socket" "$(cat "$work/socket.out")"
fi
