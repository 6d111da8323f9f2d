#!/bin/sh
# netmcu -i with piped input: as the device's UART takes it, and lines behind a restart are for the next start.
. "$NETMCU_SOURCE/tests/support/shell.sh"
mkdir "$work/flash"
cd "$work/flash" || exit 1

# types TEXT: what the next prompt gets
types() {
  printf '%b' "$1" >../typed
}

# prompt EXPECTED [ARGUMENT...]: the dialogue, through a pipe
prompt() {
  expected=$1
  shift
  # shellcheck disable=SC2002 # the input is to be a pipe
  cat ../typed | "$NETMCU" --timeout $patience -i "$@" >../out 2>../err
  status=$?
  [ $status -eq 0 ] || fail "status $status: $(cat ../out ../err)"
  same "the dialogue" "$expected" "$(cat ../out)"
  same "errors" "" "$(cat ../err)"
}

types 'print("hi", 1)\n=1, 2\nfor i = 1, 2 do\nprint(i)\nend\nx =\n5\nx\n'
prompt 'cannot open init.lua: No such file or directory
> hi	1
> 1	2
> >> >> 1
2
> >> > 5
> '

printf 'print "booted" y = 7\n' >init.lua
types 'y\nlast line without its end'
prompt 'booted
> 7
> stdin:1: syntax error near '"'line'"'
> '

# an error of init.lua leaves the prompt; one of the prompt shows where
printf 'local function f() nothing.at = 1 end\nf()\n' >init.lua
types 'print "still here"\nlocal function g() error "oops" end g()\n'
prompt "init.lua:1: attempt to index a nil value (global 'nothing')
stack traceback:
	init.lua:1: in local 'f'
	init.lua:2: in main chunk
	[C]: in ?
> still here
> stdin:1: oops
stack traceback:
	[C]: in function 'error'
	stdin:1: in local 'g'
	stdin:1: in main chunk
> "
printf '1\n' >init.lua
types 'dofile("no.lua")\nnode.compile(5)\nerror(7)\nnil\n=\n= \n= -- none\nprint(...)\n'
prompt "init.lua:1: unexpected symbol near '1'
> cannot open no.lua
stack traceback:
	[C]: in function 'dofile'
	stdin:1: in main chunk
> stdin:1: not a .lua file
stack traceback:
	[C]: in function 'compile'
	stdin:1: in main chunk
> 7
stack traceback:
	[C]: in function 'error'
	stdin:1: in main chunk
> nil
> > > > 
> "
printf 'x = = 2\n' >init.lua
types '1\n'
prompt "init.lua:1: unexpected symbol near '='
> 1
> "

# a restart: what follows is for the fresh state
rm init.lua
types 'x = 1 node.restart()\nprint(x, node.bootreason())\nnode.restart()\nprint(x)\n'
prompt 'cannot open init.lua: No such file or directory
> > cannot open init.lua: No such file or directory
> nil	2	4
> > cannot open init.lua: No such file or directory
> nil
> '
prompt 'cannot open init.lua: No such file or directory
> > ' --once

# the loop runs meanwhile, and after the end of the input
types 'tmr.create():alarm(20, tmr.ALARM_SINGLE, function() print "rings" end)\n'
prompt 'cannot open init.lua: No such file or directory
> true
> rings'
types ''
prompt 'cannot open init.lua: No such file or directory
> '

# a script, its arguments, and what is typed to it
printf 'print(...) uart.on("data", "\\n", function(line) print("got", line) uart.on("data") end, 0)\n' >../script.lua
types 'first\nprint "second"\n'
prompt 'a	b
> got	first

second
> ' ../script.lua a b

# statements, then the prompt
types 'z\n'
prompt '> 3
> ' -e 'z = 3' -e 'w = 4'

# an init.lua that restarts is run again before there is a prompt
mkdir ../again
cat >../again/init.lua <<'END'
print(node.bootreason())
if not file.exists "once" then
  file.putcontents("once", "")
  node.restart()
end
END
types '"here"\n'
prompt '1	0
2	4
> here
> ' ../again

# Long programs, as they are pasted, and a long line: the time grows with their size. A program that
# is ten times as long takes about ten times the processor time; with its square, it would take a
# hundred times as much.
long_programs() {
  {
    echo 'x = {'
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print i "," }'
    echo '}'
    echo '#x'
    echo 'function f()'
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++) print "y = y +", 1 }'
    echo 'end'
    echo 'f()'
    echo y
    echo 'math.ceil(os.clock() * 1000)'
  } | "$NETMCU" --timeout $patience -i -e 'y = 1' >../out 2>../err || fail "long programs: $(tail -n 1 ../err)"
  numbers=$(grep -ao '^>.* [0-9][0-9]*$' ../out | grep -o '[0-9]*$' | xargs)
  milliseconds=${numbers##* }
  same "long programs" "$1 $(($1 + 1)) $milliseconds" "$numbers"
}
long_programs 2000
once=$milliseconds
long_programs 20000
[ "$milliseconds" -lt $((30 * once)) ] || fail "2000 lines take $once ms, 20000 lines $milliseconds ms"
{
  printf 'x = "'
  head -c 4000000 /dev/zero | tr '\0' a
  printf '"\n#x\n'
} | "$NETMCU" --timeout $patience -i -e 'y = 1' >../out 2>../err || fail "a long line: $(tail -n 1 ../err)"
same "a long line" "> > 4000000" "$(head -n 1 ../out)"

# an error inside a long block ends the block; strings and comments of several lines do not confuse it
{
  echo 'function f()'
  awk 'BEGIN { for (i = 0; i < 2000; i++) print "x" i % 100 " = [[ ]] --[[ do\n" "{ ]] ; g = \"\\\n(\"" }'
  echo 'end end'
  echo '"after"'
  echo 'function f() x = ='
  echo '"again"'
} | "$NETMCU" --timeout $patience -i -e 'y = 1' >../out 2>../err || fail "an error in a block: $(tail -n 1 ../err)"
same "an error in a block" "stdin:6002: <eof> expected near 'end'
> after
> stdin:1: unexpected symbol near '='
> again
> " "$(tail -n 5 ../out | sed 's/^[> ]*stdin:6/stdin:6/')"
{
  echo 'function f()'
  awk 'BEGIN { for (i = 0; i < 5000; i++) print "x = 1" }'
  echo 'x = = 1'
  awk 'BEGIN { for (i = 0; i < 5000; i++) print "x = 1" }'
  echo '"after"'
} | "$NETMCU" --timeout $patience -i -e 'y = 1' >../out 2>../err || fail "an error in a block: $(tail -n 1 ../err)"
has "an error in a block that is long" "stdin:5002: unexpected symbol near '='" "$(cat ../out)"
same "what follows it" "> after" "$(tail -n 2 ../out | head -n 1 | sed 's/^[> ]*> a/> a/')"

# a crash in an event ends the run where nobody looks on
printf 'node.task.post(function() error "boom" end)\n' | "$NETMCU" --timeout $patience -i -e 'x = 1' >../out 2>../err
[ $? -eq 1 ] || fail "a crash: $(cat ../out ../err)"
has "a crash" "netmcu: stdin:1: boom
in a task" "$(cat ../err)"
