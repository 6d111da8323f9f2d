#!/bin/sh
# netmcu -i with piped input: as the device's UART takes it, and lines behind a restart are for the next start.
. "$NETMCU_SOURCE/tests/support/shell.sh"
mkdir "$work/flash"
cd "$work/flash" || exit 1

# prompt EXPECTED [ARGUMENT...]; what is typed comes from standard input
prompt() {
  expected=$1
  shift
  "$NETMCU" --timeout $patience -i "$@" >../out 2>../err
  status=$?
  [ $status -eq 0 ] || fail "status $status: $(cat ../out ../err)"
  same "the dialogue" "$expected" "$(cat ../out)"
  same "errors" "" "$(cat ../err)"
}

printf 'print("hi", 1)\n=1, 2\nfor i = 1, 2 do\nprint(i)\nend\nx =\n5\nx\n' | prompt 'cannot open init.lua: No such file or directory
> hi	1
> 1	2
> >> >> 1
2
> >> > 5
> '

printf 'print "booted" y = 7\n' >init.lua
printf 'y\nlast line without its end' | prompt 'booted
> 7
> stdin:1: syntax error near '"'line'"'
> '

# an error of init.lua leaves the prompt; one of the prompt shows where
printf 'local function f() nothing.at = 1 end\nf()\n' >init.lua
printf 'print "still here"\nlocal function g() error "oops" end g()\n' | prompt "init.lua:1: attempt to index a nil value (global 'nothing')
stack traceback:
	init.lua:1: in local 'f'
	init.lua:2: in main chunk
	[C]: in ?
	[C]: in ?
> still here
> stdin:1: oops
stack traceback:
	[C]: in function 'error'
	stdin:1: in local 'g'
	stdin:1: in main chunk
> "
printf '1\n' >init.lua
printf 'dofile("no.lua")\nnode.compile(5)\nerror(7)\nnil\n=\n= \n= -- none\nprint(...)\n' | prompt "init.lua:1: unexpected symbol near '1'
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
printf '1\n' | prompt "init.lua:1: unexpected symbol near '='
> 1
> "

# a restart: what follows is for the fresh state
rm init.lua
printf 'x = 1 node.restart()\nprint(x, node.bootreason())\nnode.restart()\nprint(x)\n' >../typed
prompt 'cannot open init.lua: No such file or directory
> > cannot open init.lua: No such file or directory
> nil	2	4
> > cannot open init.lua: No such file or directory
> nil
> ' <../typed
prompt 'cannot open init.lua: No such file or directory
> > ' --once <../typed

# the loop runs meanwhile, and after the end of the input
printf 'tmr.create():alarm(20, tmr.ALARM_SINGLE, function() print "rings" end)\n' | prompt 'cannot open init.lua: No such file or directory
> true
> rings'
printf '' | prompt 'cannot open init.lua: No such file or directory
> '

# a script, its arguments, and what is typed to it
printf 'print(...) uart.on("data", "\\n", function(line) print("got", line) uart.on("data") end, 0)\n' >../script.lua
printf 'first\nprint "second"\n' | prompt 'a	b
> got	first

second
> ' ../script.lua a b

# statements, then the prompt
printf 'z\n' | prompt '> 3
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
printf '"here"\n' | prompt '2	6
2	4
> here
> ' ../again

# a long table, as it is pasted: each line is compiled with all before it, so it is not longer than this
{
  echo 'x = {'
  awk 'BEGIN { for (i = 0; i < 2000; i++) print i "," }'
  echo '}'
  echo '#x'
} | "$NETMCU" --timeout $patience -i -e 'y = 1' >../out 2>../err || fail "a long table: $(tail -n 1 ../err)"
same "a long table" "> 2000" "$(tail -n 2 ../out | head -n 1 | grep -o '> [0-9]*$')"

# a crash in an event ends the run where nobody looks on
printf 'node.task.post(function() error "boom" end)\n' | "$NETMCU" --timeout $patience -i -e 'x = 1' >../out 2>../err
[ $? -eq 1 ] || fail "a crash: $(cat ../out ../err)"
has "a crash" "netmcu: stdin:1: boom
in a task" "$(cat ../err)"
