#!/bin/sh
# netmcu --watch sees changes in folders that are removed and made again, replaced, or moved in with their files.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1
mkdir -p flash/lib flash/other

# runs TEXT: waits until the last run of the script is with this text of lib/part.lua
is_last() {
  [ "$(tail -n 1 watch.log)" = "runs with $1" ]
}
runs() {
  wait_until "the script runs with $1" is_last "$1"
}
# put FILE TEXT: in one step, so that it is one change
put() {
  echo "return '$2'" >put.new && mv put.new "$1"
}

cat >flash/init.lua <<'END'
print("runs with " .. tostring(select(2, pcall(dofile, "lib/part.lua"))):gsub(".*cannot open.*", "nothing"))
net.createServer():listen(0, print)
END
put flash/lib/part.lua one
start watch "$NETMCU" --watch flash
runs one

# removed and made again, as a checkout does it; then changed again
rm -r flash/lib && mkdir flash/lib && put flash/lib/part.lua two
runs two
put flash/lib/part.lua three
runs three

# replaced by another folder of the same name, then moved out and in with its files
mkdir new && put new/part.lua four
mv flash/lib old && mv new flash/lib
runs four
put flash/lib/part.lua five
runs five
mv flash/lib away
runs nothing
put away/part.lua six # no folder of the script's any more
mv away flash/lib
runs six
put flash/lib/part.lua seven
runs seven
rm -r flash/lib
mkdir -p outside/lib/deep && put outside/lib/part.lua eight && put outside/lib/deep/file.lua x
mv outside/lib flash/lib
runs eight
put flash/lib/deep/file.lua y
wait_for watch "netmcu: lib/deep/file.lua has changed"
put flash/lib/part.lua nine # and nothing is under way any more
runs nine

# An empty folder is no change, nor is a hidden one with its files; but a file in the first one is.
mkdir flash/empty flash/.git && put flash/.git/index x
put flash/empty/file.lua x
wait_for watch "netmcu: empty/file.lua has changed"
! grep -q 'empty has changed\|\.git' watch.log || fail "an empty or a hidden folder is no change"

# the whole folder
rm -r flash
wait_for watch "flash is gone; the script runs again when it is back"
mkdir flash && cp -r old flash/lib && put flash/lib/part.lua twelve
cat >flash/init.lua <<'END'
print("again with " .. dofile "lib/part.lua")
net.createServer():listen(0, print)
END
wait_for watch "again with twelve"
put flash/lib/part.lua ten
wait_for watch "again with ten"
mkdir -p next/lib && put next/lib/part.lua eleven && cp flash/init.lua next/
mv flash before && mv next flash
wait_for watch "again with eleven"
kill -s INT "$process"
wait "$process"
same "the status" 0 $?

# the whole folder, while it is the working directory
mkdir board && echo 'print "board one" net.createServer():listen(0, print)' >board/init.lua
cd board || exit 1
start here "$NETMCU" --watch
cd "$work" || exit 1
wait_for here "board one"
rm -r board && mkdir board && echo 'print "board two" net.createServer():listen(0, print)' >board/init.lua
wait_for here "board two"
echo 'print("board three", file.exists "init.lua") net.createServer():listen(0, print)' >board/init.lua
wait_for here "board three	true"

# Ctrl-C while the folder is gone
rm -r board
wait_for here "board is gone"
kill -s INT "$process"
wait "$process"
same "the status" 0 $?
