#!/bin/bash
# Publishes messages of 64 bytes to mosquitto, and prints their number, the seconds that this took,
# and the CPU seconds of the client alone.
#   usage: mqtt.sh NETMCU SCRIPT QOS     a device script
#          mqtt.sh mosquitto_pub QOS     mosquitto's client, which reads the messages from a file
set -eu
work=$(mktemp -d)
trap 'kill "$broker" 2>/dev/null || true; rm -rf "$work"' EXIT
port=18883
qos=${*: -1}
count=$((qos == 0 ? 100000 : 20000))

printf 'listener %s 127.0.0.1\nallow_anonymous true\nuser %s\nset_tcp_nodelay true\n' $port "$(id -un)" >"$work/broker.conf"
PATH=$PATH:/usr/sbin mosquitto -c "$work/broker.conf" 2>"$work/broker.log" &
broker=$!
until mosquitto_pub -p $port -t ready -m x 2>/dev/null; do
  kill -0 "$broker" || { cat "$work/broker.log" >&2; exit 1; }
done
yes "$(printf '%064d' 0)" | head -n $count >"$work/messages" || true

publish() {
  if [ "$1" = mosquitto_pub ]; then
    mosquitto_pub -p $port -q "$qos" -t bench -l <"$work/messages"
  else
    "$1" "$2" $port "$qos" $count
  fi
}
TIMEFORMAT='seconds=%R %U %S'
{ time publish "$@"; } 2>&1 | awk -v count=$count '{ print "count=" count, $1, "cpu=" $2 + $3 }'
