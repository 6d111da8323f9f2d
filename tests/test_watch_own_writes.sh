#!/bin/sh
# netmcu --watch: what the script writes itself does not restart it, however it names the file; what somebody else writes to
# the same file does.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

# watch NAME SCRIPT: runs the script in a folder of its own
watch() {
  mkdir "$1"
  printf '%s\n' "$2" 'print "written"' 'net.createServer():listen(0, print)' >"$1/init.lua"
  start "$1" "$NETMCU" --no-warnings --watch "$1"
  wait_for "$1" written
}

# is_quiet NAME: The script has run once. A later change restarts it: had one of its own done so, it would have come first.
is_quiet() {
  echo x >"$1/marker"
  wait_for "$1" "has changed"
  same "$1: the change" "netmcu: marker has changed" "$(grep 'has changed' "$1.log" | head -n 1)"
  stop "$process"
}

append='local function append(name) local f = file.open(name, "a") f:write "start" f:close() end'
watch plain "$append append 'log.txt'"
is_quiet plain
watch dotted "$append append './log.txt' append '/FLASH/other' append '//third'"
is_quiet dotted
watch folders "$append append 'sub//log.txt' append 'sub/./deep/log'"
is_quiet folders
watch renamed "$append append 'one' file.rename('one', './two') append 'three' file.remove './three'"
is_quiet renamed
watch later 'tmr.create():alarm(20, tmr.ALARM_SINGLE, function()
  file.putcontents("./later", "x")
  file.rename("later", "now")
  node.compile "init.lua"
  file.remove "./now"
  print "all"
end)'
wait_for later all
is_quiet later
watch open 'kept = file.open("./log.txt", "a") kept:write "buffered"'
wait_for open written
: >open/marker # in one step, so that it is one change
wait_for open "marker has changed"
is_started_twice() {
  [ "$(grep -c written open.log)" -ge 2 ]
}
wait_until "the second start" is_started_twice # the first state has written its buffer at its end
: >open/second
wait_for open "second has changed"
same "changes" 2 "$(grep -c 'has changed' open.log)"
# An editor that replaces the file is somebody else, even while the script has it open.
echo mine >new && mv new open/log.txt
wait_for open "log.txt has changed"
stop "$process"

# A folder that netmcu has made may be formatted.
echo 'file.putcontents("a", "x") file.putcontents("sub/b", "x") file.format() print "formatted"
net.createServer():listen(0, print)' >format.lua
start formatted "$NETMCU" --no-warnings --watch --root made format.lua
wait_for formatted formatted
mkdir -p made
echo x >made/marker
wait_for formatted "has changed"
same "formatted" "netmcu: marker has changed" "$(grep 'has changed' formatted.log | head -n 1)"
stop "$process"

# What the user edits later counts, also in a file that the script has written before.
mkdir edited
cat >edited/init.lua <<'END'
if not file.exists "config.lua" then
  file.putcontents("config.lua", "return 1")
end
print("config", dofile "config.lua")
net.createServer():listen(0, print)
END
start edited "$NETMCU" --watch edited
wait_for edited "config	1"
echo 'return 2' >edited/config.lua
wait_for edited "config	2"
echo 'return 3' >edited/config.lua
wait_for edited "config	3"
rm edited/config.lua
wait_until "the script's own again" grep -q 'return 1' edited/config.lua
touch -d 2001-01-01 edited/config.lua
turns() {
  [ "$(grep -c 'netmcu: config.lua has changed' edited.log)" -ge "$1" ]
}
wait_until "a touched file" turns 4
