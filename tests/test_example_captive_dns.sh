#!/bin/sh
# examples/lua/captive_dns.lua with dig, on port 53 as phones use it, with garbage in between.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
need dig nc

start_script captive_dns
server=$process
wait_for captive_dns "Every name is 10.9.8.1, says UDP port 53"

ask() {
  dig @10.9.8.1 +tries=3 +time=$((patience / 3)) "$@"
}
same "a name" 10.9.8.1 "$(ask +short connectivitycheck.example)"
same "a long name" 10.9.8.1 "$(ask +short "$(printf 'abcdefghij.%.0s' 1 2 3 4 5 6 7 8 9)example")"
has "IPv6" "status: NOERROR" "$(ask AAAA captive.example)"
same "an address of IPv6" "" "$(ask +short AAAA captive.example)"
answer=$(ask captive.example)
has "authority" "flags: qr aa rd" "$answer"
has "the record" "captive.example.	60	IN	A	10.9.8.1" "$answer"

for size in 1 11 12 13 40 600; do
  head -c $size /dev/urandom | nc -u -w 1 -q 0 10.9.8.1 53
done
printf '\1\2\1\0\0\1\0\0\0\0\0\0\77aaa' | nc -u -w 1 -q 0 10.9.8.1 53
same "after garbage" 10.9.8.1 "$(ask +short again.example)"
still_running captive_dns "$server"
