#!/bin/sh
# The MQTT client and broker of the examples: the client with the broker and, if mosquitto and its
# clients are installed, the client with mosquitto and mosquitto's clients with the broker.
. "$NETMCU_SOURCE/tests/support/shell.sh"

device mqtt
device mqtt_broker

start_own_broker() {
  set_in "$work/mqtt_broker/init.lua" PORT "$port"
  start broker "$NETMCU" "$work/mqtt_broker"
  broker=$process
  wait_for broker "broker on port $port"
}

start_mosquitto() {
  printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" >"$work/mosquitto.conf"
  start broker mosquitto -c "$work/mosquitto.conf" -v
  broker=$process
  wait_for broker running
}

# A second device script sends orders, as mosquitto_pub would.
cat >"$work/mqtt/order.lua" <<'SCRIPT'
local port, topic, message = ...
local client = require("mqtt_client").Client("orders", 20)
client:on("connect", function(c)
  c:publish(topic, message, 1, 0, function() c:close() end)
end)
client:connect("127.0.0.1", port)
SCRIPT

order() {
  if command -v mosquitto_pub >/dev/null 2>&1; then
    mosquitto_pub -h 127.0.0.1 -p "$port" -t switch/set -q 1 -m "$1"
  else
    "$NETMCU" --timeout "$patience" "$work/mqtt/order.lua" "$port" switch/set "$1" || fail "ordering $1"
  fi
}

seen() {
  [ "$(grep -c "$1" "$work/switch.log")" -ge "$2" ]
}

session() {
  start switch "$NETMCU" "$work/mqtt"
  switch=$process
  wait_for switch subscribed
  wait_for switch 'state is with the broker'
  if command -v mosquitto_sub >/dev/null 2>&1; then
    start watcher mosquitto_sub -h 127.0.0.1 -p "$port" -t 'switch/#' -v
    wait_for watcher 'switch/state off' # a retained message
  fi
  order on
  wait_until 'the new state is acknowledged' seen 'state is with the broker' 2
  order 'large 30000'
  wait_for switch 'large 30000'
  wait_for switch pong
  if command -v mosquitto_sub >/dev/null 2>&1; then
    wait_for watcher 'switch/state on'
    wait_for watcher 'switch/large xxxxxxxx'
    same 'the large message' 30013 "$(grep switch/large "$work/watcher.log" | tr -d '\n' | wc -c | tr -d ' ')"
  fi
}

use_port() {
  port=$(free_port)
  sed "s/\"127.0.0.1\", 1883/\"127.0.0.1\", $port/" "$NETMCU_SOURCE/examples/device/mqtt/init.lua" >"$work/mqtt/init.lua"
}

use_port
start_own_broker
session
# The broker goes away and comes back.
stop "$broker"
wait_for switch 'offline (0)'
wait_until 'refused' seen 'offline (-9)' 1
start broker "$NETMCU" "$work/mqtt_broker"
wait_until 'the switch is back' seen subscribed 2
order quit
wait "$switch" || fail 'the switch did not end by itself'

if command -v mosquitto >/dev/null 2>&1; then
  use_port
  start_mosquitto
  session
  order quit
  wait "$switch" || fail 'the switch did not end by itself'
else
  say 'without mosquitto: only with the broker of the examples'
fi
exit 0
