#!/bin/sh
# examples/lua/dns_lookup.lua: the hosts file, an address, an impossible name, and a server
# (captive_dns.lua).
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network

start_script captive_dns
wait_for captive_dns "says UDP port 53"
answers=$(run_script dns_lookup @10.9.8.1 localhost 192.0.2.7 some.example other.example)
has "the server" "Asking 10.9.8.1" "$answers"
has "the hosts file" "localhost  127.0.0.1  " "$answers"
has "an address" "192.0.2.7  192.0.2.7  " "$answers"
has "a name" "some.example  10.9.8.1  " "$answers"
has "another name" "other.example  10.9.8.1  " "$answers"

stop "$process"
has "nobody answers" "some.example  not found  " "$(run_script dns_lookup @10.9.8.1 some.example)"
