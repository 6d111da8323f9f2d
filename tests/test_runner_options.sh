#!/bin/sh
# The runner's options, its arguments, where a script comes from, and the exit statuses.
. "$NETMCU_SOURCE/tests/support/shell.sh"

# run EXPECTED-STATUS ARGUMENTS...: output in $out, errors in $err
run() {
  wanted=$1
  shift
  "$NETMCU" "$@" >"$work/out" 2>"$work/err" </dev/null
  status=$?
  out=$(cat "$work/out")
  err=$(cat "$work/err")
  [ $status -eq "$wanted" ] || fail "netmcu $*: status $status, expected $wanted: $out $err"
}

silent() {
  same "errors of: $1" "" "$err"
}

cd "$work" || exit 1
cat >script.lua <<'END'
print(#arg, arg[0], arg[1], arg[2], ...)
print(net ~= nil, tmr ~= nil, node ~= nil, wifi ~= nil, require "net" == net)
END

# the script and its arguments
run 0 script.lua one "two words"
same "arguments" "2	script.lua	one	two words	one	two words
true	true	true	true	true" "$out"
silent arguments
run 0 script.lua -e --strict
has "what follows the script is the script's" "2	script.lua	-e	--strict	-e	--strict" "$out"
run 0 -e 'x = 1' --strict script.lua a
has "arg of a script behind options" "1	script.lua	a	nil	a" "$out"
run 0 -e 'print(#arg, arg[0] ~= nil, arg[-1] ~= nil)' script.lua
has "-e sees arg" "0	true	true" "$out"
run 0 -- script.lua
has "--" "0	script.lua	nil	nil" "$out"

# standard input
same "standard input" "hello	x" "$(echo 'print("hello", ...)' | "$NETMCU" - x)"
same "its name" "netmcu: stdin:2: boom" "$(printf '\nerror "boom"' | "$NETMCU" - 2>&1 | head -n 1)"
same "its errors" "netmcu: stdin:1: unexpected symbol near '='" "$(echo '= 1' | "$NETMCU" - 2>&1 | head -n 1)"

# -e and -l, in order
printf 'return {value = 42}\n' >answer.lua
run 0 -e 'print(answer)' -l answer -e 'print(answer.value)' -e 'y = 5' -e 'print(y)'
same "steps in order" "nil
42
5" "$out"
run 0 -e 'tmr.create():alarm(1, 0, function() print "in the loop" end)'
same "the loop runs after -e" "in the loop" "$out"
run 1 -e 'x ='
has "-e that is no Lua" "netmcu: (command line):1: " "$err"
run 1 -l no_such_module
has "-l of no module" "module 'no_such_module' not found" "$err"
run 1 -e 'error "boom"' script.lua
same "the script is not run after a failed -e" "" "$out"

# what is printed and nothing else
run 0 --version
has "version" "netmcu " "$out"
has "version of Lua" "Lua 5.4" "$out"
run 0 -v
run 0 --help
for option in '-e ' '-l ' --root --strict --no-warnings --frame-size --wifi-delay --timeout --once --globals; do
  has "help" "$option" "$out"
done
run 0 -h
silent help
run 0 --globals
for name in net.createServer net.dns.resolve tmr.create node.heap wifi.sta.getip file.open; do
  has "globals" "$name" "$out"
done

# rules of the network that cannot be read
for arguments in "--fault nonsense" "--map-port x" "--resolve a" "--bind nowhere" "--dns 0.0.0.0"; do
  # shellcheck disable=SC2086
  run 2 $arguments script.lua
  has "a wrong rule: $arguments" "netmcu: " "$err"
  same "lines about it" 1 "$(echo "$err" | wc -l)"
  same "output of a wrong rule" "" "$out"
done
run 2 --fault nonsense script.lua
has "the rule as it was given" "netmcu: fault: 'nonsense': " "$err"

# wrong usage
for arguments in --no-such-option -x -e -l --timeout --frame-size '--timeout x' '--timeout 0' '--timeout -1' \
  '--timeout 1x' '--timeout nan' '--frame-size -1' '--frame-size x' '--frame-size 1.5' '--frame-size 65537' --wifi-delay '--wifi-delay -1' '--wifi-delay x' '--wifi-delay 0.5' \
  '--wifi-delay 3600001' '--root' \
  '--seeds 3 --sim=4 --test script.lua' '--sim=4 --seeds 3 --test script.lua' \
  '--test' '--watch --test script.lua' '-i --test script.lua'; do
  # shellcheck disable=SC2086
  run 2 $arguments
  has "wrong usage: $arguments" "usage: netmcu [options] script.lua [args]" "$err"
  same "output of wrong usage" "" "$out"
done
run 2 ''
has "no name" "netmcu: the name of the script is empty" "$err"
run 2 --root ''
has "no folder" "netmcu: --root '': the name of a folder expected" "$err"
run 2 --timeout 0 script.lua
has "no time" "netmcu: --timeout 0: a number of seconds from 0.001 to 1000000000 expected" "$err"
run 0 --globals --watch
has "globals, once" net.createServer "$out"
run 2
has "no script" "no script is named, and there is no init.lua in this folder" "$err"

# no such script, a folder without init.lua, one that is no Lua
run 1 missing.lua
has "missing script" "missing.lua" "$err"
mkdir empty
run 1 empty
has "missing init.lua" "empty/init.lua" "$err"
printf 'x = = 1\n' >wrong.lua
run 1 wrong.lua
has "syntax error" "wrong.lua:1: unexpected symbol near '='" "$err"

# a folder, and this folder
mkdir board
printf 'print("booted", dofile "part.lua")\n' >board/init.lua
printf 'return "part"\n' >board/part.lua
run 0 board
same "a folder boots" "booted	part" "$out"
same "this folder boots" "booted	part" "$(cd board && "$NETMCU")"
run 0 --root board -e 'print(file.exists "part.lua")'
same "root" "true" "$out"

# frames
frames='local s = net.createServer() s:listen(0, function(c) c:send(("x"):rep(5000)) c:close() s:close() end)
local sk, most = net.createConnection(), 0
sk:on("receive", function(_, data) if #data > most then most = #data end end)
sk:on("disconnection", function() print(most) end)
sk:connect(s:getaddr())'
run 0 --no-warnings -e "$frames"
same "frames" 1460 "$out"
run 0 --no-warnings --frame-size 100 -e "$frames"
same "small frames" 100 "$out"
run 0 --no-warnings --frame-size=0 -e "$frames"
[ "$out" -gt 1460 ] || fail "frames as read: $out"

# warnings and errors
run 0 -e 'net.createConnection():close()'
has "a warning" "netmcu: (command line):1: close of a socket that is not open" "$err"
run 0 --no-warnings -e 'net.createConnection():close()'
silent "no warnings"
run 1 --strict -e 'net.createConnection():close()'
has "strict" "netmcu: (command line):1: not connected" "$err"

# a server says nothing; output comes at once
start server "$NETMCU" --timeout 60 -e 'local s = net.createServer() s:listen(0, "127.0.0.1", print) uart.write(0, "no line")'
wait_for server "no line"
stop "$process"
same "a server is silent" "no line" "$(cat "$work/server.log")"

# a script may end itself
run 3 -e 'net.createServer():listen(0, print) os.exit(3)'
run 3 -e 'tmr.create():alarm(1, 0, function() os.exit(3, true) end)'
