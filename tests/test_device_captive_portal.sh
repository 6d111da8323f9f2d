#!/bin/sh
# The captive portal of the examples, with dig and curl, used as a phone would.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need dig curl

device captive_portal
dns=$(free_port)
http=$(free_port)
set_in "$work/captive_portal/init.lua" DNS_PORT "$dns"
set_in "$work/captive_portal/init.lua" HTTP_PORT "$http"
start portal "$NETMCU" "$work/captive_portal"
portal=$process
wait_for portal 'portal at '
ip=$(sed -n 's/^portal at \([0-9.]*\),.*/\1/p' "$work/portal.log")

ask() {
  dig @127.0.0.1 -p "$dns" +tries=3 +time=3 "$@"
}

get() {
  curl -sS --max-time "$patience" "$@"
}

same 'any name' "$ip" "$(ask +short captive.example.com)"
same 'another' "$ip" "$(ask +short +noedns a.very.long.name.with.many.labels.example)"
same 'IPv6' '' "$(ask +short captive.example.com AAAA)"
has 'no error' 'status: NOERROR' "$(ask captive.example.com AAAA)"
has 'the question comes back' 'captive.example.com.' "$(ask captive.example.com)"

# A packet that is not a query gets no answer and does no harm.
for junk in '' x '\0\0\0\0\0\0\0\0\0\0\0\0\0\0' '\1\2\1\0\0\1\0\0\0\0\0\0\77'; do
  "$NETMCU" -e "s = net.createUDPSocket() s:send($dns, '127.0.0.1', '$junk', function() s:close() end)" --timeout 10 \
    2>/dev/null
done
same 'after that' "$ip" "$(ask +short still.there)"

url=http://portal.test:$http
portal_at="portal.test:$http:127.0.0.1"
has 'a phone that tests its connection' '<h1>Setup</h1>' \
  "$(get -L --resolve "$portal_at" --connect-to "$ip:$http:127.0.0.1:$http" "$url/generate_204?x=1")"
same 'by way of' 302 "$(get -o "$work/found.log" -w '%{http_code}' --resolve "$portal_at" "$url/hotspot-detect.html")"
same 'an empty form' 400 "$(get -o "$work/form.log" -w '%{http_code}' --resolve "$portal_at" -d 'ssid=' "$url/save")"
has 'the form' Saved "$(get --resolve "$portal_at" --data-urlencode 'ssid=Café & Bar' --data-urlencode 'pwd="1+1=2"' "$url/save")"
wait_for portal 'saved Café & Bar'
same 'what is kept' 'Café & Bar|"1+1=2"' \
  "$("$NETMCU" --root "$work/captive_portal" -e 'p = dofile("eus_params.lua") print(p.wifi_ssid .. "|" .. p.wifi_password)')"
kill -0 "$portal" || fail 'the portal has ended'
exit 0
