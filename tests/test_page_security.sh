#!/bin/sh
# --page: without the key, from another name or from another page, a request gets nothing.
. "$NETMCU_SOURCE/tests/support/page.sh"
need curl
cd "$work" || exit 1
echo 'print "ready"' >script.lua
start_page script.lua
base=http://127.0.0.1:$port

# gets STATUS PATH [CURL-OPTION...]
gets() {
  status=$1 path=$2
  shift 2
  same "$path $*" "$status" "$(curl -s -m $patience -o answer -w '%{http_code}' "$@" "$base$path")"
  [ "$status" = 200 ] || ! grep -q '<script' answer || fail "$path $*: the page came with status $status"
}
# socket_gets STATUS [CURL-OPTION...]: asks for the WebSocket, as a browser does
socket_gets() {
  status=$1
  shift
  gets "$status" "/socket?key=$key" -H 'Connection: Upgrade' -H 'Upgrade: websocket' \
    -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' "$@"
}

# the key
gets 200 "/?key=$key"
for path in / /socket /nothing "/?key=" "/?key=${key}0" "/?key=$(echo "$key" | tr 0-9 1-90)" "/?KEY=$key"; do
  gets 403 "$path"
done
gets 404 "/nothing?key=$key"
gets 404 "/socket?key=$key"
gets 405 "/?key=$key" -X POST -d x

# DNS rebinding: a name of the attacker that has the address of this machine
for host in "attacker.example:$port" "attacker.example" "127.0.0.1.attacker.example:$port" "localhost.attacker.example:$port" \
  "127.0.0.1:1" "127.0.0.1" "" "localhost:${port}0" "[::1]attacker:$port"; do
  gets 421 "/?key=$key" -H "Host: $host"
  socket_gets 421 -H "Host: $host" -H "Origin: http://$host"
done
gets 200 "/?key=$key" -H "Host: localhost:$port"
gets 400 "/?key=$key" -H "X: y" -H "x: z"

# a WebSocket of another page in the same browser
for origin in http://attacker.example null "http://127.0.0.1:1" "https://127.0.0.1:$port" "http://localhost:$port" \
  "http://127.0.0.1:$port.attacker.example"; do
  socket_gets 403 -H "Origin: $origin"
  gets 403 "/?key=$key" -H "Origin: $origin"
done
socket_gets 403
# the right one, whose answer the client checks
ask 'assert(ask{ask = "update", console = 0, network = 0}.state == "running")'
socket_gets 400 -H "Origin: $base" -H 'Sec-WebSocket-Version: 8'

# what a browser may do with the page
headers=$(curl -s -D - -o /dev/null "$base/?key=$key")
for header in "default-src 'none'" "frame-ancestors 'none'" "Cache-Control: no-store" "Referrer-Policy: no-referrer" nosniff; do
  has "the headers" "$header" "$headers"
done
nonce() {
  curl -s "$base/?key=$key" | sed -n 's/.*<style nonce="\([0-9a-f]*\)".*/\1/p'
}
[ "$(nonce)" != "$(nonce)" ] || fail "two answers have the same nonce"

# garbage, and a request that does not end
printf 'GET\r\n\r\n' | curl -s -m $patience "telnet://127.0.0.1:$port" >answer
has "the answer to garbage" "400 Bad Request" "$(cat answer)"
head -c 20000 /dev/zero | curl -s -m $patience "telnet://127.0.0.1:$port" >answer
has "the answer to a large request" "431 " "$(cat answer)"
gets 200 "/?key=$key"

# only this address of the machine, and another key in each run
! curl -s -m 5 "http://127.0.0.2:$port/?key=$key" >answer 2>&1 || fail "another address answers"
first=$key
stop "$process"
start_page --page-bind 127.0.0.2 script.lua
[ "$key" != "$first" ] || fail "two runs have the same key"
has "the address" "http://127.0.0.2:$port/" "$address"
base=http://127.0.0.2:$port
gets 200 "/?key=$key"
! curl -s -m 5 "http://127.0.0.1:$port/?key=$key" >answer 2>&1 || fail "another address answers"

# wrong usage
for wrong in "--page=70000 script.lua" "--page-bind 127.0.0.1 script.lua" "--page --test script.lua"; do
  # shellcheck disable=SC2086
  "$NETMCU" $wrong >out 2>&1
  same "the status of netmcu $wrong" 2 $?
done
"$NETMCU" --page --page-bind 192.0.2.1 script.lua >out 2>&1
same "the status for a foreign address" 1 $?
has "the message" "cannot listen on 192.0.2.1" "$(cat out)"
