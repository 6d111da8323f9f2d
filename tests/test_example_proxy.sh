#!/bin/sh
# examples/lua/proxy.lua: curl through it, a large file through it to a slow reader, and without a
# server behind it.
. "$NETMCU_SOURCE/tests/support/example.sh"
need curl nc
[ -r /proc/net/tcp ] || skip "there is no /proc/net/tcp"

start_script http_server 0
web=$(port_of http_server)
start_script proxy localhost "$web" 0
port=$(port_of proxy)
for i in 1 2 3; do
  page=$(curl -sS --max-time $patience "http://127.0.0.1:$port/") || fail "no page"
  has "the page" "visitor number $i." "$page"
  has "the page" "</html>" "$page"
done
wait_for proxy "localhost ended"

head -c 5000000 /dev/urandom >"$work/sent"
inner=$(free_port)
# shellcheck disable=SC2016
start file sh -c 'exec nc -lN 127.0.0.1 "$1" <"$2"' sh "$inner" "$work/sent"
wait_until "the file's server" grep -q "$(printf ':%04X 00000000:0000 0A' "$inner")" /proc/net/tcp
start outer "$NETMCU" "$NETMCU_SOURCE/examples/lua/proxy.lua" 127.0.0.1 "$inner" 0
port=$(port_of outer)
# shellcheck disable=SC2016
nc -d -w $patience 127.0.0.1 "$port" | sh -c 'sleep 1; exec cat >"$1"' sh "$work/received"
cmp "$work/sent" "$work/received" || fail "the file did not come through"

# The server behind it is gone by now.
same "nobody behind it" "" "$(nc -d -w $patience 127.0.0.1 "$port")"
wait_for outer "127.0.0.1 failed with code -9"
