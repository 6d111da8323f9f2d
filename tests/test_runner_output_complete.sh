#!/bin/sh
# Everything that a script prints arrives, whatever standard input and output are and whoever shares them; if it cannot
# arrive, the program says so.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need mkfifo dd
cd "$work" || exit 1

count='for i = 1, 100000 do print(i) end print "END"'

# check WHAT FILE: the file has all of what `count` prints
check() {
  same "$1: lines" 100001 "$(grep -c '^[0-9]*$\|^END$' "$2")"
  same "$1: the last line" END "$(tail -n 1 "$2")"
}

# One socket is standard input and output, as under inetd.
if command -v socat >/dev/null; then
  printf '%s\n' "$count" >script.lua
  printf 'uart.on("data", "\\n", function() uart.on("data") %s end, 0)\n' "$count" >asked.lua
  # shellcheck disable=SC2094
  mkfifo kept_open
  { echo go; cat kept_open; } | socat -t $patience - "EXEC:$NETMCU --timeout $patience asked.lua" >socket.out &
  processes="$processes $!"
  : >kept_open
  is_complete() {
    grep -q '^END$' socket.out
  }
  wait_until "the end of the output" is_complete
  check "one socket" socket.out
  # A script that comes through a socket is run, and run again when it restarts.
  printf 'print(node.bootreason()) if select(2, node.bootreason()) ~= 4 then node.restart() end\n' |
    socat -t $patience - "EXEC:$NETMCU --timeout $patience -" >script.out || fail "a script from a socket: $?"
  same "a script from a socket" "1	0
2	4" "$(cat script.out)"
fi

# late FILE: a reader that waits before it reads, so that the pipe is full
late() {
  sleep 0.5
  cat >"$1"
}

# Another program that shares the pipe has made it non-blocking, before or while the script runs.
{
  dd if=/dev/null oflag=nonblock 2>/dev/null
  "$NETMCU" --timeout $patience -e "$count io.write(('x'):rep(200000))" 2>&1
} | late before.out
tr -d x <before.out >counted.out
check "a non-blocking pipe" counted.out
same "what io.write wrote" 200000 "$(tr -dc x <before.out | wc -c | tr -d ' ')"

mkfifo go
{
  "$NETMCU" --timeout $patience -e "io.open('started', 'w'):close() io.open('go'):read() $count" &
  wait_until "the script" test -e started
  dd if=/dev/null oflag=nonblock 2>/dev/null
  echo >go
  wait $!
} | late while.out
check "a pipe that becomes non-blocking" while.out

# The same for standard error.
warn='for i = 1, 3000 do load(("\n"):rep(i) .. "net.createServer(0)")() end'
{
  "$NETMCU" --timeout $patience -e "io.open('warned', 'w'):close() io.open('go'):read() $warn" 2>&1 &
  wait_until "the script" test -e warned
  dd if=/dev/null oflag=nonblock 2>/dev/null
  echo >go
  wait $!
} | late warnings.out
same "warnings" 3000 "$(grep -c 'server time-out of 0 s' warnings.out)"

# The program leaves its input as it was for those who read it next.
mkfifo input
{
  "$NETMCU" --timeout $patience -e 'uart.on("data", "\n", function(line) print("got", line) os.exit() end, 0)'
  echo next
  cat
  echo "cat $?"
} <input >shared.log 2>&1 &
processes="$processes $!"
exec 3>input
echo first >&3
wait_for shared next
echo second >&3
exec 3>&-
wait_for shared "cat 0"
same "the input's next reader" "got	first

next
second
cat 0" "$(cat shared.log)"

# A full disk: the script goes on, the message comes once, and the run has failed.
if [ -c /dev/full ]; then
  for script in 'print(1) print(2) io.open("went_on", "w"):close()' 'io.write "x" io.open("went_on", "w"):close()'; do
    "$NETMCU" -e "$script" >/dev/full 2>err
    same "a full disk: the status" 1 $?
    same "a full disk" "netmcu: cannot write to standard output: No space left on device" "$(cat err)"
    rm went_on || fail "the script did not go on"
  done
  "$NETMCU" --help >/dev/full 2>err && fail "--help on a full disk"
  "$NETMCU" --test script.lua >/dev/full 2>err && fail "--test on a full disk"
fi
"$NETMCU" -e 'os.exit(0)' >&- || fail "closed output"

# A reader that does not read does not keep the program from its end.
mkfifo stuck
exec 3<>stuck
endless='while true do print(("x"):rep(1000)) end'
"$NETMCU" --timeout 0.5 -e "$endless" >stuck 2>err
same "a reader that does not read: time-out" 124 $?
"$NETMCU" --timeout 0.5 -e "while true do pcall(function() $endless end) end" >stuck 2>err
same "a script that catches the time-out" 124 $?
printf '%s\n' "$endless" >endless.lua
"$NETMCU" --timeout 0.5 --test endless.lua >stuck 2>err
same "a test" 124 $?
start interrupted sh -c "exec \"$NETMCU\" -e 'io.open(\"printing\", \"w\"):close() $endless' >stuck"
wait_until "the script" test -e printing
kill -s INT "$process"
wait "$process"
same "Ctrl-C" 0 $?
