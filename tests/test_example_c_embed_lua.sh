#!/bin/sh
# examples/c/embed_lua.c: the sockets of a Lua state on the program's loop, an error of the script
# that goes to the program, and a loop that is empty after the end of the state, even if a client is
# still connected.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program embed_lua
need nc mkfifo

start_program embed_lua
program=$process
port=$(port_of embed_lua)

mkfifo "$work/keys"
# shellcheck disable=SC2016
start idle sh -c 'exec nc 127.0.0.1 "$1" <>"$2"' sh "$port" "$work/keys"
wait_for idle "tick "

# shellcheck disable=SC2016
start failing sh -c 'echo fail | nc 127.0.0.1 "$1"' sh "$port"
wait_for embed_lua "the script has an error, and goes on: "
wait_for embed_lua "as you wish"
wait_for embed_lua "in 'receive' of net.socket (connected, 127.0.0.1:"

kill -INT "$program"
wait "$program" || fail "the program ended with an error"
wait_for embed_lua "the loop is empty"

# The script may run the loop itself, and then gets its errors itself, but not inside a callback.
# Its state ends with a lookup, a timer, a task and a trace pending.
cat >"$work/script.lua" <<'END'
local net, tmr = require "net", require "tmr"
local host = require "netmcu.host"
host.trace "text"
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error "of a timer" end)
print(select(2, pcall(host.run)))
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() print(select(2, pcall(host.run))) host.stop() end)
host.run()
print(select(2, pcall(require, "net.luv")))
net.dns.resolve("localhost", print)
tmr.create():alarm(1, tmr.ALARM_AUTO, function() print "late" end)
host.post(function() print "never" end)
net.createServer():listen(0)
tmr.create():alarm(50, tmr.ALARM_SINGLE, function() net.createConnection():connect(1, "127.0.0.1") host.stop() end)
END
start_program embed_lua "$work/script.lua"
program=$process
wait_for embed_lua "of a timer"
wait_for embed_lua "the loop is running already"
wait_for embed_lua "net has a loop already"
wait_for embed_lua "never"
kill -INT "$program"
wait "$program" || fail "the program with a script of its own ended with an error"
wait_for embed_lua "the loop is empty"
