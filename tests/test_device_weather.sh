#!/bin/sh
# The weather of the examples, with Python's web server over TLS. The script's address stays as it
# is; its host is redirected.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need python3 openssl
has_tls || skip 'netmcu was built without TLS'
"$NETMCU" -e 'sjson.decode("{}")' 2>/dev/null || skip 'netmcu was built without json-c'
make_certificates

# serve LOG [NAME]: starts a server, over TLS with a name of a certificate; sets $port
serve() {
  log=$1
  start "$log" python3 "$NETMCU_SOURCE/tests/support/web_server.py" ${2:+"$work" "$2"}
  wait_until "the port of $log" test -s "$work/$log.log"
  port=$(head -n 1 "$work/$log.log")
}

# weather OPTION...: starts the script, whose host is our server
weather() {
  start weather "$NETMCU" --resolve "api.open-meteo.com:443=127.0.0.1:$port" "$@" "$work/weather"
}

device weather
set_in "$work/weather/init.lua" RETRY 100

# The server's certificate is for other names: without a CA the script does not look.
serve https server
weather --fault cut,size=1
wait_for weather '2026-11-28T09:00: -1.3 C, wind 7.0 km/h'
wait_for https 'GET /v1/forecast?latitude=52.52&longitude=13.41&current=temperature_2m,wind_speed_10m application/json'
stop "$process"

# With the CA it does, and it tries again and again. The failures have a reason.
cp "$work/ca.pem" "$work/weather/ca.pem"
weather
wait_for weather 'no weather, status -1'
wait_for weather 'certificate of api.open-meteo.com is made for another name'
stop "$process"
sed -i.orig 's|https://api.open-meteo.com/|https://tls.example/|' "$work/weather/init.lua"
weather --resolve "tls.example:443=127.0.0.1:$port"
wait_for weather '2026-11-28T09:00: -1.3 C'
stop "$process"

# Redirects from HTTP to HTTPS and back, with every method; a redirect to a server whose certificate
# has expired.
https=$port
serve http
http=$port
serve expired expired
expired=$port
run() {
  "$NETMCU" --timeout "$patience" -e "
    tls.cert.verify(file.getcontents('ca.pem'))
    http.request('$1', '$2', nil, '', function(status, body) print(status, body and #body) end)" 2>"$work/errors.log"
}
cd "$work" || exit 1
for method in GET POST PUT DELETE; do
  same "$method" '200	87' "$(run "http://localhost:$http/to/https://localhost:$https/to/http://localhost:$http/end" "$method")"
done
same HEAD '200	0' "$(run "https://localhost:$https/" HEAD)"
wait_for http 'DELETE /end'
same 'an expired certificate' '-1	nil' "$(run "http://localhost:$http/to/https://localhost:$expired/" GET)"
has 'the reason' expired "$(cat "$work/errors.log")"
grep -aq 'GET / ' "$work/expired.log" && fail 'the request was sent'
exit 0
