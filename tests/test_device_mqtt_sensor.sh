#!/bin/sh
# The sensor of the examples with mosquitto: a password, a wrong one, a broker that restarts in the
# middle, and the last will. With TLS, the broker's certificate comes from the test's own authority.
# shellcheck disable=SC2086
. "$NETMCU_SOURCE/tests/support/shell.sh"
need mosquitto mosquitto_passwd mosquitto_pub mosquitto_sub

# start_broker LINE...: with these lines in its configuration
start_broker() {
  {
    printf 'user %s\nlistener %s 127.0.0.1\npassword_file %s\n' "$(id -un)" "$port" "$work/passwords"
    printf '%s\n' "$@"
  } >"$work/mosquitto.conf"
  start broker mosquitto -c "$work/mosquitto.conf" -v
  broker=$process
  wait_for broker running
}

use_sensor() {
  rm -rf "$work/mqtt_sensor"
  device mqtt_sensor
  sed "s/USER, PASSWORD = nil, nil/USER, PASSWORD = \"user\", \"$1\"/" "$work/mqtt_sensor/init.lua" >"$work/init.lua"
  mv "$work/init.lua" "$work/mqtt_sensor/init.lua"
  set_in "$work/mqtt_sensor/init.lua" PORT "$port"
  set_in "$work/mqtt_sensor/init.lua" RETRY 50
}

seen() {
  [ "$(grep -c "$1" "$work/sensor.log")" -ge "$2" ]
}

# session OPTION...: the options are for netmcu
session() {
  start watcher mosquitto_sub $options -t 'sensor/#' -v
  watcher=$process
  wait_for broker 'sensor/#'
  start sensor "$NETMCU" "$@" "$work/mqtt_sensor"
  sensor=$process
  wait_for sensor reported
  wait_for watcher 'sensor/adc/status online'
  wait_for watcher 'sensor/adc 0'
  mosquitto_pub $options -t sensor/adc/interval -m 20
  wait_until 'three more readings' seen reported 4
}

finish() {
  mosquitto_pub $options -q 1 -t sensor/adc/interval -m 0
  wait "$sensor" || fail 'the sensor did not end by itself'
  wait_for watcher 'sensor/adc/status finished'
  has 'the end' offline "$(tail -n 1 "$work/sensor.log")"
  stop "$watcher"
}

port=$(free_port)
options="-h 127.0.0.1 -p $port -u user -P secret"
mosquitto_passwd -c -b "$work/passwords" user secret

use_sensor wrong
start_broker
start sensor "$NETMCU" "$work/mqtt_sensor"
wait_for sensor 'no connection, reason 5'
wait_for sensor offline
stop "$process"

use_sensor secret
session
stop "$broker"
wait_for sensor offline
wait_until 'the broker is away' seen 'reason -5' 1
start_broker
wait_until 'the sensor is back' seen connected 2
finish

session
kill -9 "$sensor"
wait_for watcher 'sensor/adc/status offline'
stop "$watcher"
stop "$broker"

# --- the same with TLS ---

command -v openssl >/dev/null 2>&1 || skip 'the part with TLS, because openssl is not installed'
has_tls || skip 'the part with TLS, because netmcu was built without it'
make_certificates
start_broker "cafile $work/ca.pem" "certfile $work/server.pem" "keyfile $work/server.key"
options="$options --cafile $work/ca.pem"
set_in "$work/mqtt_sensor/init.lua" SECURE true
cp "$work/self.pem" "$work/mqtt_sensor/ca.pem"
start sensor "$NETMCU" "$work/mqtt_sensor"
wait_for sensor 'no connection, reason -5'
wait_for sensor 'netmcu: certificate of Test CA'
stop "$process"
cp "$work/ca.pem" "$work/mqtt_sensor/ca.pem"
session --fault cut,size=1 --fault delay,ms=1
finish

# A reset at some byte of the handshake or of the session: the script gets a reason, and ends.
cat >"$work/once.lua" <<'SCRIPT'
local client = mqtt.Client("once", 60, "user", "secret")
client:on("offline", function() print("offline") end)
client:connect("127.0.0.1", (...), true, function(self)
  self:publish("sensor/once", "x", 1, 0, function() self:close() end)
end, function(_, reason) print("reason " .. reason) end)
SCRIPT
for after in 0 5 300 1000 1300 1500 1700 1800 1900 5000; do
  case $("$NETMCU" --timeout "$patience" --no-warnings --fault "reset,after=$after" "$work/once.lua" "$port" | tr '\n' ' ') in
    'reason -5 ' | 'reason -5 offline ' | 'offline ') ;;
    *) fail "a reset after $after bytes" ;;
  esac
done
