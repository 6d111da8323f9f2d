#!/bin/sh
# Starting, failing, restarting and sleeping as a device does.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1
mkdir flash empty

# run EXPECTED-STATUS ARGUMENT...
run() {
  wanted=$1
  shift
  "$NETMCU" --timeout $patience "$@" >out 2>err
  status=$?
  out=$(cat out)
  err=$(cat err)
  [ $status -eq "$wanted" ] || fail "$*: status $status, expected $wanted: $out $err"
}

# init.lua and the files that it loads
cat >flash/init.lua <<'END'
print("booting", node.bootreason())
require "part"
dofile "more.lua"
END
echo 'print("part", ...)' >flash/part.lua
echo 'print "more"' >flash/more.lua
run 0 flash
same "a folder" "booting	1	0
part	part	part.lua
more" "$out"
(cd flash && "$NETMCU" >../out 2>../err) || fail "no argument: $(cat err)"
same "no argument" "$out" "$(cat out)"
run 0 --root flash flash/more.lua
same "a script" "more" "$out"

# failures
run 1 empty
same "no init.lua" "netmcu: cannot open empty/init.lua: No such file or directory" "$err"
run 1 nowhere.lua
same "no script" "netmcu: cannot open nowhere.lua: No such file or directory" "$err"
echo 'require "absent"' >flash/init.lua
run 1 flash
has "a missing module" "netmcu: init.lua:1: module 'absent' not found:" "$err"
has "a missing module" "no file 'absent.lua'" "$err"
echo 'dofile("absent.lua")' >flash/init.lua
run 1 flash
has "a missing file" "netmcu: cannot open absent.lua" "$err"
has "a missing file" "init.lua:1: in main chunk" "$err"
printf 'local x = 1\nx = = 2\n' >flash/init.lua
run 1 flash
has "a syntax error" "netmcu: init.lua:2: unexpected symbol near '='" "$err"
printf 'local x\nx.y = 2\n' >flash/init.lua
run 1 flash
has "an error" "netmcu: init.lua:2: attempt to index a nil value (local 'x')" "$err"

# restart: a fresh state, everything closed, the same process
cat >flash/init.lua <<'END'
local count = tonumber(file.getcontents("count") or 0)
print(count, left_over, node.bootreason())
left_over = true
file.putcontents("count", count + 1)
net.createServer():listen(0, print)
local server = net.createServer()
server:listen(tonumber((...)), "127.0.0.1", print)
tmr.create():alarm(60000, tmr.ALARM_AUTO, print)
if count < 2 then
  tmr.create():alarm(1, tmr.ALARM_SINGLE, node.restart)
else
  node.task.post(function() node.dsleep(0) end)
end
END
port=$(free_port)
run 0 flash "$port"
same "restart" "0	nil	1	0
1	nil	2	4
2	nil	2	4" "$out"
rm flash/count
run 0 --once flash "$port"
same "--once" "0	nil	1	0" "$out"

# deep sleep
cat >flash/init.lua <<'END'
print(node.bootreason())
if select(2, node.bootreason()) == 0 then
  node.dsleep(50000)
end
END
run 0 flash
same "dsleep" "1	0
2	5" "$out"
run 0 --once flash
same "dsleep with --once" "1	0" "$out"

# node.startupcommand across restarts, until it is empty
cat >flash/init.lua <<'END'
print "init"
node.startupcommand "=print 'chunk' node.startupcommand '@other.lua' node.restart()"
node.restart()
END
echo 'print "other" node.startupcommand "" if not file.exists "done" then file.putcontents("done", "") node.restart() end' >flash/other.lua
echo 'print "init again"' >flash/last.lua
sed -i.old '1s/.*/if file.exists "done" then print "init again" return end print "init"/' flash/init.lua
run 0 flash
same "startupcommand" "init
chunk
other
init again" "$out"

# an error handler that restarts, as the documentation advises
cat >flash/init.lua <<'END'
node.setonerror(function(text) print((text:gsub("\n.*", ""))) node.restart() end)
print(node.bootreason())
if select(2, node.bootreason()) == 0 then
  tmr.create():alarm(1, 0, function() error "boom" end)
end
END
run 0 flash
same "setonerror" "1	0
init.lua:4: boom
2	4" "$out"

# a root folder that does not exist is created, and may be formatted
run 0 --root new -e 'file.putcontents("x", "y") print(pcall(file.format)) print(file.exists "x")'
has "a new root" "netmcu: the folder new is new" "$err"
same "format" "true
false" "$out"
run 0 --root new -e 'file.putcontents("x", "y") print(pcall(file.format)) print(file.exists "x")'
has "an old root" "false" "$out"
has "an old root" "true" "$(tail -n 1 out)"

# a root folder that cannot be created
if [ -d /proc/self ]; then
  run 0 --root /proc -e 'print(file.putcontents("no/where", "x"))'
  same "a file in a folder that cannot be made" "nil" "$out"
fi

# the list of functions
run 0 --globals
has "--globals" "node.restart" "$out"
has "--globals" "net.createServer" "$out"
