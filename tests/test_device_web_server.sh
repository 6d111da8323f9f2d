#!/bin/sh
# The web server of the examples, with curl: files of any size and content, handlers, errors,
# clients side by side.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need curl cmp

device web_server
port=$(free_port)
sed -i.orig "s/port = 8080/port = $port/" "$work/web_server/config.lua"
head -c 300000 /dev/urandom >"$work/web_server/large.bin"
: >"$work/web_server/empty.txt"
start server "$NETMCU" "$work/web_server"
wait_for server "HTTP server on port $port"
url=http://127.0.0.1:$port

get() {
  curl -sS --max-time "$patience" "$@"
}

get -o "$work/index" "$url/"
cmp "$work/index" "$work/web_server/index.html" || fail "/ is not index.html"
get -o "$work/css" -w '%{content_type}' "$url/style.css" >"$work/type"
same 'type of style.css' text/css "$(cat "$work/type")"
cmp "$work/css" "$work/web_server/style.css" || fail "style.css differs"

get -o "$work/large" "$url/large.bin"
cmp "$work/large" "$work/web_server/large.bin" || fail "300000 bytes arrived changed"
same 'an empty file' '200 0' "$(get -o /dev/null -w '%{http_code} %{size_download}' "$url/empty.txt")"

has status '"led":false' "$(get "$url/status.json")"
same 'switching on' 'LED is on' "$(get "$url/led?state=on")"
has status '"led":true' "$(get "$url/status.json")"

same 'a missing file' 404 "$(get -o /dev/null -w '%{http_code}' "$url/missing%20file.html")"
same 'a source' 404 "$(get -o /dev/null -w '%{http_code}' "$url/init.lua")"
same 'a file outside' 404 "$(get --path-as-is -o /dev/null -w '%{http_code}' "$url/../server.log")"
same 'a method' 405 "$(get -X DELETE -o /dev/null -w '%{http_code}' "$url/")"

# Several clients at once; one of them gives up half way.
clients=
for i in 1 2 3 4; do
  get -o "$work/parallel$i" "$url/large.bin" &
  clients="$clients $!"
done
curl -sS --max-time "$patience" --max-filesize 100 -o /dev/null "$url/large.bin" 2>/dev/null && fail "not cut off"
for client in $clients; do
  wait "$client" || fail "a client beside others"
done
for i in 1 2 3 4; do
  cmp "$work/parallel$i" "$work/web_server/large.bin" || fail "client $i of 4 got other bytes"
done
has 'the page after all that' NodeMCU "$(get "$url/")"
grep -a traceback "$work/server.log" && fail 'the script crashed'
exit 0
