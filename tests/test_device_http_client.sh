#!/bin/sh
# The weather client of the examples, with Python's web server, which goes away and comes back.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need python3

device http_client
port=$(free_port)
set_in "$work/http_client/init.lua" WEATHER_HOST '"localhost"'
set_in "$work/http_client/init.lua" WEATHER_PORT "$port"
set_in "$work/http_client/init.lua" PERIOD 100
mkdir "$work/site"
start client "$NETMCU" "$work/http_client"
client=$process
wait_for client 'no weather, code -9'

start site python3 -m http.server --bind 127.0.0.1 --directory "$work/site" "$port"
site=$process
wait_for client 'no weather, code 0'
echo '{"coord":{},"main":{"temp":21.5,"pressure":1000},"name":"Here"}' >"$work/site/new"
mv "$work/site/new" "$work/site/weather.json"
wait_for client 'Here: 21.5 C'
# An answer in many packets.
(printf '{"filler":"' && head -c 200000 /dev/zero | tr '\0' x && printf '","main":{"temp": -3},"name":"There"}') >"$work/site/new"
mv "$work/site/new" "$work/site/weather.json"
wait_for client 'There: -3 C'

stop "$site"
gone() {
  tail -n 1 "$work/client.log" | grep -q 'no weather, code -9'
}
wait_until 'the server is gone' gone
kill -0 "$client" || fail 'the client has ended'
exit 0
