#!/bin/sh
# The module coap with libcoap's client and server.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need coap-client-notls coap-server-notls

cat >"$work/server.lua" <<'SCRIPT'
local server = coap.Server()
server:listen((...))
reading, all = 21.5, "[1,2,3]"
server:var("reading")
server:var("all", coap.JSON)
server:func("greet")
function greet(name) return "hello " .. name end
print "ready"
SCRIPT

cat >"$work/client.lua" <<'SCRIPT'
local netmcu = require "netmcu"
local client, uri = coap.Client(), ("coap://127.0.0.1:%d/"):format(...)
local kind = coap.CON
client:put(kind, uri .. "example_data", "first")
tmr.create():alarm(1, tmr.ALARM_AUTO, function(timer)
  if #netmcu.walk() > 1 then return end -- the answer has not come
  if kind == coap.NON then return timer:unregister() end
  kind = coap.NON
  client:get(kind, uri .. "example_data")
  client:get(coap.CON, uri .. "nothing")
end)
SCRIPT

port=$(free_port)
ask() {
  coap-client-notls -B "$patience" "$@" 2>&1
}

start server "$NETMCU" "$work/server.lua" "$port"
server=$process
wait_for server ready
at=coap://127.0.0.1:$port
same 'a variable' 21.5 "$(ask -m get "$at/v1/v/reading")"
same 'without confirmation' '[1,2,3]' "$(ask -N -m get "$at/v1/v/all")"
same 'a function' 'hello world' "$(ask -m post -e world "$at/v1/f/greet")"
same 'the resources' '</.well-known/core>;ct=40,</v1/v/reading>;ct=0,</v1/v/all>;ct=50,</v1/id>;ct=0' \
  "$(ask -m get "$at/.well-known/core")"
same 'an unknown one' 4.04 "$(ask -m get "$at/v1/v/other")"
stop "$server"

start libcoap coap-server-notls -A 127.0.0.1 -p "$port" -d 10
same 'the answers' '2.01	 2.05	first 4.04	Not Found ' \
  "$("$NETMCU" --timeout "$patience" "$work/client.lua" "$port" | sort | tr '\n' ' ')"
