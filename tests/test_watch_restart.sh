#!/bin/sh
# netmcu --watch: a change restarts the script, an error leaves it down until the next one.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1
mkdir -p flash/sub

count() {
  grep -c "$1" "$work/watch.log"
}
# times N TEXT: until it has been printed N times
is_seen() {
  [ "$(count "$2")" -ge "$1" ]
}
seen() {
  wait_until "\"$2\" $1 times" is_seen "$1" "$2"
  same "$2" "$1" "$(count "$2")"
}

# save FILE: saves standard input in one step. A shell that stalls after it has emptied a file would
# make two changes.
save() {
  cat >saved && mv saved "$1"
}

save flash/init.lua <<'END'
print("one", node.bootreason())
net.createServer():listen(0, print)
END
start watch "$NETMCU" --watch flash
seen 1 'one	1	0'

# more text, and a file in a folder below
echo 'print("two", node.bootreason())' >>flash/init.lua
seen 1 'two	1	0'
seen 1 'netmcu: init.lua has changed'
echo 'return 1' | save flash/sub/part.lua
seen 2 'two	1	0'
# saved as editors do it
sed 's/one/three/' flash/init.lua >flash/.init.lua.swp && mv flash/.init.lua.swp flash/init.lua
seen 1 'three	1	0'

# a syntax error, an error, and the end: down until the next change
echo 'print "four" = 1' | save flash/init.lua
seen 1 "netmcu: init.lua:1: syntax error near '='"
echo 'print "five" error "no"' | save flash/init.lua
seen 1 'netmcu: init.lua:1: no'
echo 'print "six"' | save flash/init.lua
seen 1 'the script has ended; it runs again when a file changes'
seen 1 six

# what the script writes itself is no change; a restart of its own is one start
save flash/init.lua <<'END'
print("seven", node.bootreason())
file.putcontents("log", tostring(tmr.now()))
file.rename("log", "old" .. tmr.now())
if select(2, node.bootreason()) == 0 then
  node.restart()
else
  tmr.create():alarm(300, tmr.ALARM_SINGLE, function()
    file.putcontents("later", "x")
    print "written"
  end)
  net.createServer():listen(0, print)
end
END
seen 1 'seven	1	0'
seen 1 'seven	2	4'
seen 1 written
touch flash/.hidden 'flash/backup~'
echo 'dht.read(4) print "eight" node.dsleep(200000)' | save flash/init.lua
wait_until "a sleeper that wakes up twice" is_seen 3 eight
same "seven" 2 "$(count seven)"

# What a missing part does is said once for each change, not each time that the device wakes up. It
# may wake up with the new script before the change is noticed.
seen 1 'is plugged in'
echo 'dht.read(4) print "nine"' | save flash/init.lua
seen 2 'is plugged in'

# Ctrl-C, also while it is down
kill -s INT "$process"
wait "$process"
same "the status" 0 $?

# its own output in the folder is no change
mkdir logged
echo 'print("starts", node.bootreason()) tmr.create():alarm(20, tmr.ALARM_AUTO, function() print "tick" end)' >logged/init.lua
"$NETMCU" --watch logged >logged/out.txt 2>logged/errors.txt &
processes="$processes $!"
ticks() {
  [ "$(grep -c tick logged/out.txt)" -ge 20 ]
}
wait_until "20 ticks" ticks
same "starts" 1 "$(grep -c starts logged/out.txt)"
same "errors" "" "$(cat logged/errors.txt)"
