#!/bin/sh
# Programs that use avahi find the device of mdns, although the avahi daemon of the same machine has
# the same port. The daemon notices when the device leaves.
. "$NETMCU_SOURCE/tests/support/example.sh"
PATH=$PATH:/usr/sbin
need avahi-daemon avahi-browse avahi-resolve dbus-daemon

# The daemons put their sockets into /run.
if [ -z "${NETMCU_OWN_RUN-}" ]; then
  own_network
  rm -rf "$work"
  NETMCU_OWN_RUN=yes exec unshare -m sh "$0"
fi
mount -t tmpfs tmpfs /run 2>/dev/null || skip 'this system allows no mounts in a namespace'
mkdir /run/dbus /run/avahi-daemon

cat >"$work/bus.conf" <<'END'
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END
cat >"$work/avahi.conf" <<'END'
[server]
host-name=desktop
use-ipv6=no
allow-interfaces=left
END
start bus dbus-daemon --nofork --nopidfile --config-file="$work/bus.conf"
wait_until 'the bus' test -S /run/dbus/system_bus_socket
start avahi avahi-daemon --no-drop-root --no-chroot --no-rlimits -f "$work/avahi.conf"
wait_for avahi 'Server startup complete'

start browse avahi-browse -pr _http._tcp
start device "$NETMCU" --fault delay,ms=10 -e 'mdns.register("fishtank", {description = "Top Fishtank", port = 8080})'
device=$process
wait_for browse '=;left;IPv4;Top\032Fishtank;Web Site;local;fishtank.local;10.9.8.1;8080;"platform=nodemcu"'
same 'the address' 'fishtank.local	10.9.8.1' "$(avahi-resolve -4 -n fishtank.local)"
same "the daemon's own name" 'desktop.local	10.9.8.1' "$(avahi-resolve -4 -n desktop.local)"
has 'all kinds of services' 'Top\032Fishtank;_http._tcp;local' "$(avahi-browse -kpat)"
stop "$device"
wait_for browse '-;left;IPv4;Top\032Fishtank;Web Site;local'
exit 0
