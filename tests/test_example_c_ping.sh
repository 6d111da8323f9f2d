#!/bin/sh
# examples/c/ping.c compared with the system's ping.
. "$NETMCU_SOURCE/tests/support/example.sh"
need_program ping
need ping

"$NETMCU_BUILD/examples/ping" 127.0.0.1 3 >"$work/ours.log" 2>&1 || {
  grep -q -e 'permitted' -e 'permission' -e 'not supported by this build' "$work/ours.log" && skip "$(cat "$work/ours.log")"
  fail "no reply"
}
ping -c 3 127.0.0.1 >"$work/system.log" 2>&1 || skip "the system's ping does not work here"

# received FILE: prints "3 packets transmitted, 3 received", which both print
received() {
  sed -n 's/^\([0-9]* packets transmitted, [0-9]* received\).*/\1/p' "$1"
}
same "our figures" "$(received "$work/system.log")" "$(received "$work/ours.log")"
has "a reply" "32 bytes from 127.0.0.1: icmp_seq=3 time=" "$(cat "$work/ours.log")"
has "the statistics" "rtt min/avg/max = " "$(cat "$work/ours.log")"
"$NETMCU_BUILD/examples/ping" nowhere.invalid >"$work/nowhere.log" && fail "success without an address"
has "a name that is not there" "nowhere.invalid is not known" "$(cat "$work/nowhere.log")"
