#!/bin/sh
# The Redis client of the examples with a real server: several commands in a row, errors, large
# values, subscriptions, and the end of the server.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need redis-server redis-cli

device redis
port=$(free_port)
set_in "$work/redis/init.lua" REDIS_PORT "$port"
start redis redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$work"
redis=$process

ask() {
  redis-cli -p "$port" "$@"
}

wait_until 'redis answers' ask ping
start device "$NETMCU" "$work/redis"
device=$process
wait_for device 'redis says PONG'

listening() {
  [ "$(ask publish orders "$1")" = 1 ]
}
wait_until 'the device has subscribed' listening measure
wait_for device 'reading 0 is number 1'
same 'the reading' 0 "$(ask lrange readings 0 -1)"

ask publish orders 'name living room' >"$work/cli.log"
wait_for device 'name set: OK'
wait_for device 'my name is living room'
ask publish orders 'large 200000' >"$work/cli.log"
wait_for device 'large value is right: true'
same 'its length' 200000 "$(ask strlen large)"
ask publish orders wrong >"$work/cli.log"
wait_for device 'error: WRONGTYPE'
wait_for device 'missing: false'

ask publish orders stop >"$work/cli.log"
wait_for device stopped
wait "$device" || fail 'the script did not end by itself'

# The server goes away.
start again "$NETMCU" "$work/redis"
wait_for again 'redis says PONG'
wait_until 'the device has subscribed' listening measure
stop "$redis"
wait_until 'both connections end' sh -c '[ "$(grep -c "redis: disconnected, 0" "$0")" = 2 ]' "$work/again.log"
exit 0
