#!/bin/sh
# An uncaught error: exit status 1, a traceback that names the script's lines, in the script and in the loop.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cd "$work" || exit 1

# run SCRIPT: errors in $err
run() {
  printf '%s\n' "$1" >script.lua
  "$NETMCU" --timeout 60 script.lua >out 2>err
  status=$?
  err=$(cat err)
  [ $status -eq 1 ] || fail "status $status: $err"
}

run 'local function inner()
  error "boom"
end
local function outer()
  inner()
end
outer()'
same "message" "netmcu: script.lua:2: boom" "$(head -n 1 err)"
for line in 2 5 7; do
  has "traceback" "script.lua:$line: in " "$err"
done

run 'local function handler()
  local nothing
  nothing.x = 1
end
tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
  handler()
end)'
has "message of the loop" "netmcu: script.lua:3: attempt to index a nil value (local 'nothing')" "$(head -n 1 err)"
has "traceback" "script.lua:3: in " "$err"
has "traceback" "script.lua:6: in " "$err"

run 'local sk = net.createConnection()

sk:send("x")'
same "an error of the shim" "netmcu: script.lua:3: not connected" "$(head -n 1 err)"

run 'local co = coroutine.create(function()
  error "inside"
end)
print(select(2, coroutine.resume(co)))
coroutine.wrap(function() error "wrapped" end)()'
same "caught in a coroutine" "script.lua:2: inside" "$(cat out)"
has "passed on by a coroutine" "script.lua:5: wrapped" "$(head -n 1 err)"

run 'error({})'
has "a table" "(error object is a table value)" "$err"
run 'error()'
has "nil" "netmcu: " "$err"
run 'error(setmetatable({}, {__tostring = function() return "told" end}))'
has "an object" "netmcu: told" "$err"
run 'local function f() return f() + 1 end f()'
has "stack" "stack overflow" "$err"
run 'setmetatable(_G, {__index = function(_, name) error("no global " .. name, 2) end})
tmr.create():alarm(1, 0, function() return undefined end)'
has "a global" "script.lua:2: no global undefined" "$err"

# modules of the firmware that the desktop has not
for script in 'sqlite3.open(1)' 'local sqlite3 = sqlite3 sqlite3.open(1)' 'require "sqlite3"' \
  'tmr.create():alarm(1, 0, function() sqlite3.open(1) end)'; do
  run "$script"
  same "$script" "netmcu: the desktop has no module sqlite3; --globals lists what there is" "$(tail -n 1 err)"
done
for script in 'nothing.there()' 'local config = {} print(config.mqtt.host)' 'local o = {} o:http()'; do
  run "$script"
  has "a script's own: $script" "[C]: in ?" "$(tail -n 1 err)"
done

"$NETMCU" -e 'setmetatable({}, {__gc = function() error "in a finalizer" end}) collectgarbage()' 2>err
same "an error in a finalizer: the status" 0 $?
has "an error in a finalizer" "warning: error in __gc" "$(cat err)"
has "an error in a finalizer: its text" "in a finalizer" "$(cat err)"
"$NETMCU" -e 'warn("@home", " is a text") warn "@off" warn "hidden" warn "@on" warn "shown"' 2>err
same "warnings" "netmcu: warning: @home is a text
netmcu: warning: shown" "$(cat err)"

# no loop can be made: the program says its name once
if [ -z "${NETMCU_SANITIZE-}" ]; then # the sanitizers need files themselves
  (
    exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- # those of the program that runs the tests
    ulimit -n 8 # enough for libuv's own pipe: without that libuv ends the program
    exec "$NETMCU" -e 'print(1)'
  ) >out 2>err
  same "no open files: the status" 1 $?
  same "no open files" "netmcu: no event loop: out of memory or of open files" "$(cat err)"
fi

# the output that came before, and no more
run 'print "before" io.write "too" error "boom"'
same "output" "before
too" "$(cat out)"

# what was sent before the crash
run 'local server = net.createServer()
server:listen(0, "127.0.0.1", function() error "crash" end)
net.createConnection():connect((server:getaddr()))'
has "in an accept callback" "script.lua:2: crash" "$err"
