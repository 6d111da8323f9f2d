#!/bin/sh
# examples/lua/http_client.lua with a server made of nc, and without a server.
. "$NETMCU_SOURCE/tests/support/example.sh"
need nc

port=$(free_port)
{
  printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n'
  head -c 20000 /dev/zero | tr '\0' x
} >"$work/answer"
# shellcheck disable=SC2016
start nc sh -c 'exec nc -lN 127.0.0.1 "$1" <"$2"' sh "$port" "$work/answer"

client() {
  run_script http_client 127.0.0.1 "$port" /path >"$work/client.log" 2>&1
}
served() {
  client && grep -q bytes "$work/client.log" && ! grep -q 'no connection' "$work/client.log"
}
wait_until "a page from nc" served
same "bytes of the body" 20000 "$(tr -cd x <"$work/client.log" | wc -c | tr -d ' ')"
has "the last line" "done: 20000 bytes in " "$(cat "$work/client.log")"
has "the request" "GET /path HTTP/1.0" "$(cat "$work/nc.log")"

client
has "nobody listens" "no connection, code -9: 0 bytes" "$(cat "$work/client.log")"
has "a name that is not there" "nowhere.invalid is not known" "$(run_script http_client nowhere.invalid 80)"
