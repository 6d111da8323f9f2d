#!/bin/sh
# The web IDE of the examples, with curl: uploads in many packets, then runs, shows and deletes the
# file.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need curl cmp

device web_ide
port=$(free_port)
set_in "$work/web_ide/init.lua" PORT "$port"
start ide "$NETMCU" "$work/web_ide"
wait_for ide "IDE on port $port"
url=http://127.0.0.1:$port

get() {
  curl -sS --max-time "$patience" "$@"
}

has 'the list' '>ide.lua<' "$(get "$url/")"

# The upload is larger than any buffer and has every byte value. curl asks for permission to send it
# (100-continue).
head -c 70000 /dev/urandom >"$work/data.bin"
has 'an upload' 'stored 70000 bytes' "$(get -H 'Expect: 100-continue' --data-binary "@$work/data.bin" "$url/upload?name=data.bin")"
cmp "$work/data.bin" "$work/web_ide/data.bin" || fail 'the upload arrived changed'
has 'a second one in its place' 'stored 5 bytes' "$(get --data-binary 'short' "$url/upload?name=data.bin")"
same 'its content' short "$(cat "$work/web_ide/data.bin")"
get --data-binary '' "$url/upload?name=empty.txt" >"$work/empty.log"
[ -f "$work/web_ide/empty.txt" ] || fail 'an empty upload made no file'

cat >"$work/blink.lua" <<'SCRIPT'
for i = 1, 3 do
  gpio.mode(4, gpio.OUTPUT)
  gpio.write(4, i % 2)
  print("blink " .. i, gpio.read(4))
end
SCRIPT
get --data-binary "@$work/blink.lua" "$url/upload?name=lib%2Fblink.lua" >"$work/upload.log"
same 'running it' "$(printf 'blink 1\t1\nblink 2\t0\nblink 3\t1')" "$(get "$url/run?name=lib/blink.lua")"
has 'editing it' 'for i = 1, 3 do' "$(get "$url/edit?name=lib/blink.lua")"
has 'the end of a file of several pieces' 'print("IDE on port " .. PORT)' "$(get "$url/edit?name=ide.lua")"

get --data-binary 'error("out of luck")' "$url/upload?name=bad.lua" >"$work/upload.log"
has 'an error' 'bad.lua:1: out of luck' "$(get "$url/run?name=bad.lua")"
get --data-binary 'this is no Lua' "$url/upload?name=bad.lua" >"$work/upload.log"
has 'a syntax error' 'bad.lua:1: syntax error' "$(get "$url/run?name=bad.lua")"

has 'deleting' 'deleted bad.lua' "$(get "$url/delete?name=bad.lua")"
[ -f "$work/web_ide/bad.lua" ] && fail 'bad.lua is still there'
same 'deleting it again' 404 "$(get -o "$work/answer.log" -w '%{http_code}' "$url/delete?name=bad.lua")"
same 'a file outside' 404 "$(get -o "$work/answer.log" -w '%{http_code}' "$url/edit?name=../data.bin")"
exit 0
