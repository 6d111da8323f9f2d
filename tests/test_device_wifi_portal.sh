#!/bin/sh
# The portal of the examples, with curl and dig, used as a phone would, and in Chromium if it is
# installed.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need dig curl gzip

device wifi_portal
http=$(free_port)
dns=$(free_port)

start_portal() {
  start portal "$NETMCU" --map-port "80=$http" --map-port "53/udp=$dns" "$@" "$work/wifi_portal"
  wait_for portal 'portal open, network SetupGadget_'
}

get() {
  path=$1
  shift
  curl -sS --max-time "$patience" "$@" "http://127.0.0.1:$http$path"
}

connected() {
  wait_for portal "hello from $1 at"
  has 'the status' 'Connected to "Café & Bar"' "$(get /status)"
}

start_portal
ip=$(dig +short +tries=3 +time=3 -p "$dns" @127.0.0.1 captive.example.com)
[ -n "$ip" ] || fail 'the name server does not answer'
same 'IPv6' '' "$(dig +short +tries=3 +time=3 -p "$dns" @127.0.0.1 captive.example.com AAAA)"
has 'the page of the flash' 'name=\"device_name\"' "$(get / | sed 's/"/\\"/g')"
same 'a test of the connection' 204 "$(get /generate_204 -w '%{http_code}')"
has 'the networks' '"ssid":"netmcu"' "$(get /aplist)"
same 'before' 'Idle.' "$(get /status)"
same 'without a network' 400 "$(get /setwifi -o "$work/body" -w '%{http_code}' -d wifi_password=x)"
has 'a form, as a browser sends it' 'name="device_name"' \
  "$(get /setwifi -L --data-urlencode 'wifi_ssid=Café & Bar' -d 'wifi_password=a%22b&device_name=%22desk%22')"
connected '"desk"'
same 'what is kept' 'Café & Bar|a"b|"desk"' "$("$NETMCU" --root "$work/wifi_portal" -e '
  local p = dofile("eus_params.lua")
  print(p.wifi_ssid .. "|" .. p.wifi_password .. "|" .. p.device_name)')"
stop "$process"

# A compressed page takes the place of the other one.
gzip -nc "$work/wifi_portal/enduser_setup.html" >"$work/wifi_portal/enduser_setup.html.gz"
printf 'wrong' >"$work/wifi_portal/enduser_setup.html"
start_portal
has 'the compressed page' 'name="device_name"' "$(get / --compressed)"
stop "$process"
rm "$work/wifi_portal"/enduser_setup.html*

# Without a page in the flash, over a network that delivers single bytes, late.
start_portal --fault cut,size=1 --fault delay,ms=1
get / >"$work/page.html"
has "the firmware's page" '<title>WiFi Setup</title>' "$(cat "$work/page.html")"
has 'older clients' '"status":1' "$(get '/setwifi?wifi_ssid=Caf%C3%A9+%26+Bar&wifi_password=')"
connected '"desk"'
stop "$process"

# In a browser, the firmware's page lists the networks, sends the form, and shows the status. A script
# behind it does what a user would, and asks for a path at the end.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$browser" ]; then
  say 'Chromium is not installed: the page was not tried in a browser'
  exit 0
fi
cat "$work/page.html" - >"$work/wifi_portal/enduser_setup.html" <<'PAGE'
<script>
setInterval(function () {
  var networks = document.getElementById('networks');
  if (/^Connected to "netmcu"/.test(document.getElementById('status').textContent)) fetch('/all-is-shown');
  else if (networks.options.length === 2 && location.search === '') {
    networks.selectedIndex = 1;
    networks.onchange();
    document.querySelector('button').click();
  }
}, 100);
</script>
PAGE
start_portal --trace
patience=90
start browser "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
  --user-data-dir="$work/profile" --remote-debugging-port=0 "http://127.0.0.1:$http/"
wait_for portal 'GET /all-is-shown'
stop "$process"
has 'the script' 'network netmcu' "$(cat "$work/portal.log")"
exit 0
