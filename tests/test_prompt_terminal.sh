#!/bin/sh
# netmcu -i on a terminal: line editing, history, output that comes while a line is typed, Ctrl-C, Ctrl-D.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need tmux
grep -q '^NETMCU_PROMPT_edit_ARCHIVE:FILEPATH=/\|^NETMCU_EDIT_LIBRARY:FILEPATH=/' "$NETMCU_BUILD/CMakeCache.txt" ||
  skip "built without libedit"

server=$work/tmux
tm() {
  TMUX='' tmux -S "$server" "$@"
}
end_terminal() {
  tm kill-server 2>/dev/null
}
trap 'end_terminal; clean_up' EXIT

# look: puts what the terminal shows into $screen
look() {
  screen=$(tm capture-pane -p 2>&1)
  case $screen in
    *"$tab"*) screen=$(say "$screen" | expand) ;; # tmux 3.8 gives tabs as they were written
  esac
}
tab=$(printf '\t')
newline='
'
# shows TEXT [N]: whether at least N lines of $screen, by default one, are exactly this
shows() {
  rest=$newline$screen$newline
  times=${2-1}
  while [ "$times" -gt 0 ]; do
    case $rest in
      *"$newline$1$newline"*) rest=$newline${rest#*"$newline$1$newline"} ;;
      *) return 1 ;;
    esac
    times=$((times - 1))
  done
}
# wait_line TEXT [N]: until the terminal shows it
wait_line() {
  turns=$((patience * 20))
  until look && shows "$@"; do
    turns=$((turns - 1))
    [ $turns -gt 0 ] || fail "no line \"$1\" on the terminal: $screen"
    sleep 0.05
  done
}
text() {
  tm send-keys -l "$1"
}
line() {
  tm send-keys -l "$1" \; send-keys Enter
}
# A script calls on_go(fn), types something, sees it on the terminal, and lets fn run: output comes
# while a line is typed, however slow the machine is.
go() {
  : >"$work/flash/go"
}

mkdir "$work/flash"
cat >"$work/flash/on_go.lua" <<'END'
function on_go(fn)
  tmr.create():alarm(5, tmr.ALARM_AUTO, function(timer)
    if file.exists "go" then
      file.remove "go"
      timer:unregister()
      fn()
    end
  end)
end
END
cat >"$work/run" <<END
trap : INT # what Ctrl-C sends, too
export HOME="$work" NETMCU_HISTORY="$work/history"
cd "$work/flash"
"$NETMCU" -i
echo "status \$?"
stty -a | grep -o ' icanon' | sed 's/^/tty/'
"$NETMCU" -i
echo "again status \$?"
exec sleep 1000
END
LC_ALL=C tm -f /dev/null new-session -d -x 78 -y 40 "sh '$work/run'" || skip "tmux does not start"
wait_line '>'
has banner ' NodeMCU 3.0.0, powered by Lua 5.4' "$screen"

line 'print("one")'
wait_line one
line 'for i = 5, 6 do'
line 'print("line", i)'
line 'end'
wait_line 'line    6'

# editing and history
text 'print("twX"'
tm send-keys BSpace BSpace
text 'o")'
tm send-keys Home
text 'x = 1 '
tm send-keys Enter
wait_line two
tm send-keys Up Up Up Up Up
wait_line '> print("one")' 2
tm send-keys C-c
wait_line '> print("one")^C'

# Tab completes a global and a field, and shows what there is to choose from
text 'wi'
tm send-keys Tab
wait_line '> wifi' # a Tab with keys behind it is part of a pasted text
text '.sta.getrs'
tm send-keys Tab
wait_line '> wifi.sta.getrssi'
tm send-keys C-c
line 't = {alpha = 1, alpine = 2, "alps"}'
text 'print(t.a'
tm send-keys Tab
wait_line '> print(t.alp'
tm send-keys Tab
wait_line 'alpha  alpine'
wait_line '> print(t.alp' 2
text 'i'
tm send-keys Tab
wait_line '> print(t.alpine'
line ')'
wait_line 2
# without the names that are Lua's own
line 'server = net.createServer()'
text 'server:'
tm send-keys Tab
wait_line 'close  getaddr  listen'
tm send-keys C-c
wait_line '> server:^C'
# and it indents at the beginning of a line, and in a pasted text
tm send-keys Tab
line 'print(#"pri	nt" * 1000)'
wait_line 6000

# text that is not ASCII
line 'print("length", #"äöü€")'
wait_line 'length  9'

# output while a line is being typed
line 'dofile "on_go.lua"'
line 'on_go(function() print "printed" end)'
text 'y = 12345'
wait_line '> y = 12345'
go
wait_line printed
wait_line '> y = 12345'
text '6'
tm send-keys Enter
line 'y'
wait_line 123456
# and what is said on standard error
line 'on_go(function() net.createServer(0) end)'
text 'y = 654'
wait_line '> y = 654'
go
wait_line 'netmcu: stdin:1: server time-out of 0 s: the device takes 1 to 28800'
wait_line '> y = 654'
text '321'
tm send-keys Enter
line 'y'
wait_line 654321
line 'on_go(function() uart.write(0, "half") end) print "ready"'
wait_line ready
go
wait_line 'half>'
tm send-keys Enter

# what a script types itself is run, and the line that is being typed stays
line 'on_go(function() node.input "print(11 * 7)\n" end)'
text 'x = 54321'
wait_line '> x = 54321'
go
wait_line 77
wait_line '> x = 54321'
tm send-keys Enter
line 'x + 1'
wait_line 54322

# Ctrl-C ends what runs, and drops an incomplete chunk
line 'print "busy" while true do end'
wait_line busy
tm send-keys C-c
wait_line '^Cinterrupted'
line 'function f()'
text 'z = '
wait_line '>> z ='
tm send-keys C-c
wait_line '>> z = ^C'
line 'y + 1'
wait_line 654322

# a crash restarts, as on the device
line 'y = 8 node.task.post(function() error "boom" end)'
wait_line 'netmcu: stdin:1: boom'
line 'print(y, node.bootreason())'
wait_line 'nil     2       2'

# Ctrl-D
tm send-keys C-d
wait_line 'status 0'
wait_line 'tty icanon'

# the history of the first run; output while a line of more than a row is typed; Ctrl-C at an empty prompt ends the run
tm send-keys -R
tm send-keys Enter
wait_line '>'
line 'os.execute "echo $PPID >pid"'
tm send-keys Up Up
wait_line '> print(y, node.bootreason())'
# and what is typed behind Ctrl-C is a new line, even if the program sees both at the same time
kill -STOP "$(cat "$work/flash/pid")"
tm send-keys C-c
line 'dofile "on_go.lua"'
kill -CONT "$(cat "$work/flash/pid")"
wait_line '> dofile "on_go.lua"'
line 'on_go(function() print "above" end)'
long=$(printf '%090d' 7)
text "w = $long"
wait_line 000000000000000007
go
wait_line above
wait_line 000000000000000007
tm send-keys Enter
line 'w + 1'
wait_line 8
tm send-keys C-c
wait_line 'again status 0'

# a signal ends the prompt, and nothing else of its process group
tm kill-server
server=$work/second
LC_ALL=C tm -f /dev/null new-session -d -x 78 -y 40 "sh '$work/run'" || fail "no second terminal"
wait_line '>'
line 'dofile "on_go.lua"'
line "on_go(function() os.execute 'kill -TERM \$PPID' end)"
text 'half a line'
wait_line '> half a line'
go
wait_line 'status 0'
wait_line 'tty icanon'
