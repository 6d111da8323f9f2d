#!/bin/sh
# Long simulated runs show their progress on a terminal, in one line that disappears at the end.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need tmux
cd "$work" || exit 1

tm() {
  TMUX='' tmux -S "$work/$run.tmux" "$@"
}
trap 'tm kill-server 2>/dev/null; clean_up' EXIT

screen() {
  tm capture-pane -p | grep .
}
shows() {
  screen | grep -qE "$1"
}
# try NAME LINE COMMAND...: runs the command until the terminal shows the line, and interrupts it
try() {
  run=$1
  echo "trap : INT; $3; echo \"status \$?\"; exec sleep 1000" >"$1.run"
  LC_ALL=C tm -f /dev/null new-session -d -x 100 -y 20 "cd '$work'; sh $1.run" || skip "tmux does not start"
  wait_until "$1: $2" shows "$2"
  tm send-keys C-c
  wait_until "the end of $1" shows '^status'
  ! shows ' left$' || fail "the line has stayed: $(screen)"
  tm kill-server
}

echo 'require "netmcu".test("one", function() assert(node.random(3) > 1) end)' >seeds.lua
try seeds '^[0-9]+ of 1000000 seeds, [0-9]+ failures, [0-9]+ seeds/s, [0-9.]+ (s|min|h) left$' \
  "'$NETMCU' --seeds 1000000 --test seeds.lua >seeds.out"
grep -q '"status":0}\|"status":1}' seeds.out || fail "no last line: $(tail -n 2 seeds.out)"

echo 'tmr.create():alarm(10, tmr.ALARM_AUTO, function() end)' >busy.lua
echo 'local sim = require "netmcu.sim" sim.host("busy", {script = "busy.lua"}) sim.run(10000 * sim.day)' >days.lua
try days '^[0-9]+:[0-9][0-9] h of virtual time, [0-9]+ times as fast as real time, [0-9.]+ (s|min|h) left$' \
  "'$NETMCU' --sim days.lua"
