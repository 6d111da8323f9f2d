#!/bin/sh
# examples/lua/mdns_query.lua, answered by multicast DNS responders: one that knows the name, and
# two that lie.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
need socat

# Each answers with the id of the query, in one datagram. The first has a service with a pointer to
# it, its port, text and address, with names compressed as in real answers. The second has a name
# that points to itself. The third ends in the middle.
cat >"$work/respond" <<'END'
{
  head -c 2
  case $1 in
    honest)
      printf '\204\000\000\000\000\001\000\000\000\003'
      printf '\005_http\004_tcp\005local\000\000\014\000\001\000\000\000\170\000\007\004demo\300\014'
      printf '\004demo\300\014\000\041\200\001\000\000\000\170\000\017\000\000\000\000\037\220\006device\300\027'
      printf '\004demo\300\014\000\020\200\001\000\000\000\170\000\014\006path=/\004on=1'
      printf '\006device\300\027\000\001\200\001\000\000\000\170\000\004\012\011\010\001'
      ;;
    circle) printf '\204\000\000\000\000\001\000\000\000\000\300\014\000\001\000\001\000\000\000\170\000\004\012\011\010\001' ;;
    short) printf '\204\000\000\000\000\011' ;;
  esac
} >"$0.$$"
cat "$0.$$"
END

# respond NAME
respond() {
  group=ip-add-membership=224.0.0.251:10.9.8.1
  start "$1" socat UDP4-RECVFROM:5353,reuseaddr,fork,$group EXEC:"sh $work/respond $1"
  wait_until "the responder" grep -q ':14E9' /proc/net/udp
}

# ask NAME: asks until an answer comes, because the example waits only for a moment; sets $answer
ask() {
  wait_until "an answer" got "$1"
}
got() {
  answer=$(run_script mdns_query "$1") && [ -n "$answer" ]
}

respond honest
responder=$process
ask _http._tcp.local
has "the pointer" "10.9.8.1: _http._tcp.local pointer demo._http._tcp.local" "$answer"
has "the service" "10.9.8.1: demo._http._tcp.local service device.local port 8080" "$answer"
has "the text" "10.9.8.1: demo._http._tcp.local text path=/ on=1" "$answer"
has "the address" "10.9.8.1: device.local address 10.9.8.1" "$answer"
stop "$responder"

for liar in circle short; do
  respond $liar
  responder=$process
  ask device.local
  stop "$responder"
  same "an answer from $liar" "10.9.8.1: an answer that cannot be read" "$answer"
done
