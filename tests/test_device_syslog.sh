#!/bin/sh
# The syslog client of the examples; nc receives.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need nc

device syslog
port=$(free_port)
set_in "$work/syslog/init.lua" SYSLOG_PORT "$port"
set_in "$work/syslog/init.lua" INTERVAL 50
# With -k, nc hears every sender. The first datagram shows that nc listens; the second one is the
# test.
start syslog nc -k -u -l 127.0.0.1 "$port"
syslog=$process
start probe "$NETMCU" "$work/syslog"
wait_for syslog '<134>'
stop "$process"
start sender "$NETMCU" "$work/syslog"
sender=$process
wait_for syslog '<133>'
wait_for syslog 'nodemcu: started, reason'
wait_for syslog 'nodemcu: alive 1, adc 0'
wait_for syslog 'nodemcu: still here after 3'
wait_for syslog 'nodemcu: alive 4, adc 0'
has 'the priority of a warning' '<132>' "$(cat "$work/syslog.log")"

# The server goes away, which does not matter to a sender over UDP.
stop "$syslog"
wait_for sender 'still here after 9'
kill -0 "$sender" || fail 'the sender has ended'
exit 0
