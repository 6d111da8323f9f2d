#!/bin/sh
# examples/c/udp_discovery.c: two programs answer on one port, and one asks.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
need_program udp_discovery

for name in kitchen garden; do
  start "$name" "$NETMCU_BUILD/examples/udp_discovery" $name
  wait_for "$name" answering
done
same "who is there" "10.9.8.1 is garden
10.9.8.1 is kitchen" "$("$NETMCU_BUILD/examples/udp_discovery" | sort)"
