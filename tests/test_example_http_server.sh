#!/bin/sh
# examples/lua/http_server.lua with curl, and with clients that do not speak HTTP.
. "$NETMCU_SOURCE/tests/support/example.sh"
need curl nc

start_script http_server 0
server=$process
port=$(port_of http_server)
url=http://127.0.0.1:$port

page=$(curl -sS --max-time $patience "$url/") || fail "curl could not get the page"
has "the page" "<h1>Hello, 127.0.0.1</h1>" "$page"
has "the page" "visitor number 1." "$page"
has "the end of the page" "</html>" "$page"

status=$(curl -sS --max-time $patience "$url/status")
has "the status" "visits 1" "$status"
same "a page that is not there" 404 "$(curl -sS --max-time $patience -o "$work/body" -w '%{http_code}' "$url/nowhere")"
has "its text" "There is no /nowhere here." "$(cat "$work/body")"
same "POST" 405 "$(curl -sS --max-time $patience -o "$work/body" -w '%{http_code}' -d a=b "$url/")"
has "what is not HTTP" "400 Bad Request" "$(printf 'hello\r\n\r\n' | nc -w $patience 127.0.0.1 "$port")"
has "a request without end" "400 Bad Request" "$(head -c 5000 /dev/zero | tr '\0' x | nc -w $patience 127.0.0.1 "$port")"

# A request in two pieces, and a request whose client vanishes in between.
{
  printf 'GET /status HTTP/1.1\r\nHo'
  printf 'GET' | nc -N -w $patience 127.0.0.1 "$port"
  printf 'st: x\r\n\r\n'
} | nc -w $patience 127.0.0.1 "$port" >"$work/pieces"
has "a request in pieces" "visits 1" "$(cat "$work/pieces")"

clients=''
for i in 1 2 3 4 5 6 7 8; do
  curl -sS --max-time $patience -o "$work/page$i" "$url/" &
  clients="$clients $!"
done
for client in $clients; do
  wait "$client" || fail "one of eight clients at once got nothing"
done
same "visits in the end" "visits 9" "$(curl -sS --max-time $patience "$url/status" | grep visits)"
still_running http_server "$server"
