#!/bin/sh
# The SNTP client of the examples, with a real time server (chrony) and with one that does not
# answer.
. "$NETMCU_SOURCE/tests/support/shell.sh"
PATH=$PATH:/usr/sbin
need chronyd nc

device sntp
port=$(free_port)
set_in "$work/sntp/sntp.lua" port "$port"
set_in "$work/sntp/sntp.lua" timeout 300
set_in "$work/sntp/sntp.lua" again 1
sed -i.orig 's/^local servers = .*/local servers = {"no.such.host.invalid", "127.0.0.1", "localhost"}/' "$work/sntp/sntp.lua"

# First nobody answers, then a program that is not a time server.
start clock "$NETMCU" "$work/sntp/sntp.lua"
clock=$process
wait_for clock 'no.such.host.invalid is not found'
wait_for clock '127.0.0.1 does not answer'
wait_for clock 'asking localhost (127.0.0.1)'
wait_for clock 'no server answers'

start_time_server "$port"
wait_for clock 'stratum 8: '

time_is_right() {
  told=$(sed -n 's/^stratum 8: //p' "$work/clock.log" | tail -n 1)
  for second in 0 1 2 3; do
    [ "$told" = "$(TZ=UTC date -u -d "@$(($(date +%s) - second))" '+%Y/%m/%d %H:%M:%S' 2>/dev/null ||
      date -u -r "$(($(date +%s) - second))" '+%Y/%m/%d %H:%M:%S')" ] && return 0
  done
  return 1
}
wait_until 'the right time' time_is_right
answers=$(grep -c 'stratum 8' "$work/clock.log")
more_answers() {
  [ "$(grep -c 'stratum 8' "$work/clock.log")" -gt "$answers" ]
}
wait_until 'it asks again' more_answers
stop "$clock"
exit 0
