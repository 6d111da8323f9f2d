#!/bin/sh
# The CoAP lamp of the examples, with libcoap's client and, as its hub, libcoap's server.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need coap-client-notls coap-server-notls

device coap_lamp
port=$(free_port)
hub=$(free_port)
set_in "$work/coap_lamp/init.lua" PORT "$port"
set_in "$work/coap_lamp/init.lua" HUB "\"coap://127.0.0.1:$hub/lamp\""
start hub coap-server-notls -A 127.0.0.1 -p "$hub" -d 10
start lamp "$NETMCU" "$work/coap_lamp"
wait_for lamp 'listening on port'

ask() {
  coap-client-notls -B "$patience" "$@" 2>&1
}
at=coap://127.0.0.1:$port
same 'the list' '</.well-known/core>;ct=40,</v1/v/temperature>;ct=0,</v1/id>;ct=0' "$(ask -m get "$at/.well-known/core")"
same 'the temperature' "$("$NETMCU" -e 'print(adc.read(0) / 10)')" "$(ask -m get "$at/v1/v/temperature")"
same 'the state' off "$(ask -m post "$at/v1/f/lamp")"
same 'a change' on "$(ask -m post -e on "$at/v1/f/lamp")"
same 'nonsense' on "$(ask -m post -e dim "$at/v1/f/lamp")"
same 'without confirmation' on "$(ask -N -m post "$at/v1/f/lamp")"
wait_for lamp '2.01'
same 'what the hub got' on "$(ask -m get "coap://127.0.0.1:$hub/lamp")"
same 'a change' off "$(ask -m post -e off "$at/v1/f/lamp")"
wait_for lamp '2.04'
same 'what the hub got' off "$(ask -m get "coap://127.0.0.1:$hub/lamp")"
