#!/bin/sh
# examples/lua/ssdp_responder.lua: a search by multicast, as a UPnP browser does it, and curl
# reading the description.
. "$NETMCU_SOURCE/tests/support/example.sh"
own_network
need curl socat

start_script ssdp_responder
responder=$process
wait_for ssdp_responder "SSDP on port 1900"

# search TARGET: prints the answers that arrive in the time that UPnP allows
search() {
  printf 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: %s\r\n\r\n' "$1" |
    socat -t 1 - UDP4-DATAGRAM:239.255.255.250:1900
}
answers=$(search ssdp:all)
has "a search for all" "ST: upnp:rootdevice" "$answers"
has "a search for all" "ST: urn:schemas-upnp-org:device:Basic:1" "$answers"
same "answers to a search for all" 3 "$(printf '%s\n' "$answers" | grep -c '^HTTP/1.1 200 OK')"
answer=$(search upnp:rootdevice)
same "answers to a search for one" 1 "$(printf '%s\n' "$answer" | grep -c '^HTTP/1.1 200 OK')"
has "its name" "::upnp:rootdevice" "$answer"
same "answers to a search for another" "" "$(search urn:schemas-upnp-org:device:MediaServer:1)"

location=$(printf '%s\n' "$answer" | tr -d '\r' | sed -n 's/^LOCATION: //p')
same "the location" "http://10.9.8.1:8080/description.xml" "$location"
has "the description" "<friendlyName>A small device</friendlyName>" "$(curl -sS --max-time $patience "$location")"

head -c 600 /dev/urandom | socat -u - UDP4-DATAGRAM:239.255.255.250:1900
has "after garbage" "ST: upnp:rootdevice" "$(search upnp:rootdevice)"

# The example announces itself when it starts.
stop "$responder"
start listener socat -u UDP4-RECV:1900,reuseaddr,ip-add-membership=239.255.255.250:10.9.8.1 -
wait_until "the listener" grep -q ':076C' /proc/net/udp
start_script ssdp_responder
wait_for listener "NTS: ssdp:alive"
wait_for listener "NT: upnp:rootdevice"
