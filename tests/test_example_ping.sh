#!/bin/sh
# examples/lua/ping.lua compared with the system's ping.
. "$NETMCU_SOURCE/tests/support/example.sh"
need ping

run_script ping 127.0.0.1 3 >"$work/ours.log" 2>&1 || {
  grep -q -e 'permission denied' -e 'not in this build' "$work/ours.log" && skip "$(grep ping: "$work/ours.log")"
  fail "the script ended with an error"
}
ping -c 3 127.0.0.1 >"$work/system.log" 2>&1 || skip "the system's ping does not work here"

# received FILE: prints "3 packets transmitted, 3 received", which both print
received() {
  sed -n 's/^\([0-9]* packets transmitted, [0-9]* received\).*/\1/p' "$1"
}
same "the system's figures" "3 packets transmitted, 3 received" "$(received "$work/system.log")"
same "ours" "$(received "$work/system.log")" "$(received "$work/ours.log")"
for sequence in 1 2 3; do
  has "reply $sequence" "32 bytes from 127.0.0.1, icmp_seq=$sequence time=" "$(cat "$work/ours.log")"
done
has "the loss" "0% packet loss" "$(cat "$work/ours.log")"
has "the statistics" "round trip min/avg/max = " "$(cat "$work/ours.log")"
same "a name that is not there" "nowhere.invalid is not known" "$(run_script ping nowhere.invalid)"
