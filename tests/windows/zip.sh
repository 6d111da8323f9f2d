#!/usr/bin/env bash
# Uses the zip for Windows as a newcomer would, with wine. The wine prefix is empty, and the name of
# the folder contains a space and letters outside of ASCII.
#   usage: [LUA=lua5.4.exe] tests/windows/zip.sh ZIP
set -euo pipefail
zip=$(realpath "$1")
support=$(realpath "$(dirname "$0")/../support")
work=$(mktemp -d)
folder="$work/Grüße vom €"
export WINEPREFIX=$work/wine WINEDEBUG=-all LC_ALL=C.UTF-8
unset WINEPATH LUA_PATH LUA_CPATH

tls_server=
clean_up() {
  [ -z "$tls_server" ] || kill "$tls_server" 2>/dev/null || true
  tmux -S "$work/tmux" kill-server 2>/dev/null || true
  wineserver -k || true
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  echo "FAILED: $*"
  cat "$work"/*.log
  exit 1
}

# same WHAT EXPECTED FOUND
same() {
  [ "$2" = "$3" ] || fail "$1: expected '$2', found '$3'"
  echo "  $1"
}

# until_true WHAT COMMAND...: waits for at most two minutes
until_true() {
  for _ in $(seq 600); do
    if "${@:2}"; then
      return
    fi
    sleep 0.2
  done
  fail "not within two minutes: $1"
}

netmcu() {
  timeout 120 wine netmcu.exe "$@" 2>"$work/errors.log"
}

mkdir "$WINEPREFIX" "$folder"
wineserver -p
wine wineboot -i >"$work/wineboot.log" 2>&1
cd "$folder"
cmake -E tar xf "$zip"
cd netmcu-*

# ---- the README's first script, and the tests of a project -----------------------------------------

# The script listens on port 8080, which another program may have, so netmcu maps it to a free one.
awk '/^```lua/ { inside = 1; next } /^```/ && inside { exit } inside' README.md >hello.lua
port=$(netmcu -e 'local s = net.createServer() s:listen(0, "127.0.0.1", print) print((s:getaddr())) s:close()')
answers() {
  curl --silent --max-time 30 "http://127.0.0.1:$port/led?on" >"$work/answer.log"
}
wine netmcu.exe --bind 127.0.0.1 --map-port "8080=$port" hello.lua >"$work/server.log" 2>&1 &
until_true "the server answers" answers
same "the first script" "You are visitor 1." "$(cat "$work/answer.log")"
same "what it prints" "GET /led?on HTTP/1.1" "$(tail -n 1 "$work/server.log")"
(
  cd examples/project
  timeout 300 wine ../../netmcu.exe --timeout 200 --bind 127.0.0.1 --root '.\device' --test 'test\*_test.lua'
) >"$work/project.log" 2>&1 || fail "the tests of the project fail"
same "the tests of the project, by a pattern" 0 "$(grep -c '^not ok' "$work/project.log" || true)"
grep -q '^ok 1' "$work/project.log" || fail "no test of the project ran"

# ---- scripts ---------------------------------------------------------------------------------------

mkdir 'скрипты'
printf '\xef\xbb\xbf#!/usr/bin/env netmcu\r\nprint("gr\xc3\xbc\xc3\x9f", ...)\r\nassert(file.exists("da.txt"))\r\nerror "\xe2\x82\xac"\r\n' \
  >'скрипты/начало.lua'
touch 'скрипты/da.txt'
said=$(netmcu 'скрипты\начало.lua' 'C:\a\ж') && fail "a script that fails has the exit status 0"
same "UTF-8, a byte order mark and CRLF in a script" $'grüß\tC:\\a\\ж' "$said"
grep -qF 'скрипты/начало.lua:4: €' "$work/errors.log" || fail "the message does not name the line"
same "a path with a drive" $'grüß' "$(netmcu "Z:${folder//\//\\}\\${PWD##*/}\\скрипты\\начало.lua" || true)"
same "line ends stay as they are" '61 0a 0d 0a' "$(netmcu -e 'print "a"; io.write "\r\n"' | od -An -tx1 | xargs)"
same "a script from standard input" 42 "$(echo 'print(6 * 7)' | netmcu -)"
same "TLS, JSON and hashes" $'function\t7\tba7816bf' "$(netmcu -e 'print(type(tls.createConnection), sjson.decode("[7]")[1],
  encoder.toHex(crypto.hash("sha256", "abc")):sub(1, 8))')"

# ---- TLS -------------------------------------------------------------------------------------------

mkdir "$work/tls"
sh "$support/certificates.sh" "$work/tls" 2>"$work/certificates.log"
python3 "$support/tls_server.py" "$work/tls" plain >"$work/tls.log" 2>&1 &
tls_server=$!
until_true "the TLS server listens" grep -q 'plain: port' "$work/tls.log"
# handshake CERTIFICATE: trusts only this certificate, and prints what the server of TLS answers
handshake() {
  cp "$work/tls/$1" trusted.pem
  netmcu -e "
    tls.cert.verify(file.getcontents 'trusted.pem')
    local client = tls.createConnection()
    client:on('connection', function(c) c:send 'hello' end)
    client:on('receive', function(c, text) print(text) c:close() end)
    client:on('reconnection', function() print 'refused' end)
    client:connect($(sed -n 's/^plain: port //p' "$work/tls.log"), 'localhost')"
}
same "a TLS server whose certificate is trusted" HELLO "$(handshake ca.pem)"
same "a TLS server whose certificate is not trusted" refused "$(handshake self.pem)"

# ---- the flash -------------------------------------------------------------------------------------

same "names in the flash" $'true\tnil\tnil\tnil\tfalse\ttrue' "$(netmcu --root '.\flash' -e '
  file.putcontents("Größe.txt", "x")
  print(file.exists "Größe.txt", file.open("con", "w"), file.open("nul.txt", "w"), file.open("größe.txt"),
    file.exists "größe.TXT", next(file.list()) == "Größe.txt")')"

# ---- a stock Lua -----------------------------------------------------------------------------------

if [ -n "${LUA-}" ]; then
  cp "$LUA" .
  cat >module.lua <<'LUA'
local net, netmcu = require "net", require "netmcu"
local server = net.createServer()
server:listen(0, "127.0.0.1", function(c) c:send("hello", c.close) server:close() end)
local client = net.createConnection()
client:on("receive", function(_, text) io.write(text) end)
client:connect(server:getaddr())
netmcu.run()
LUA
  same "the module in a stock Lua" hello \
    "$(LUA_PATH='lua\?.lua' LUA_CPATH='lua\?.dll' timeout 120 wine lua5.4.exe module.lua)"
fi

# ---- on a console ----------------------------------------------------------------------------------

tm() {
  TMUX='' tmux -u -S "$work/tmux" "$@"
}

screen_has() {
  tm capture-pane -p >"$work/screen.log"
  grep -qE -- "$1" "$work/screen.log"
}

# type_keys KEYS... PATTERN: sends keys, and waits until the screen matches the pattern
type_keys() {
  tm send-keys "${@:1:$#-1}"
  until_true "the screen has ${*: -1}" screen_has "${*: -1}"
}

mkdir watched
echo 'print("first run")' >watched/init.lua
tm -f /dev/null new-session -d -x 100 -y 40
type_keys 'wine netmcu.exe -i' Enter '^>'
type_keys 'print("dr" .. "ück")' Enter '^drück'
type_keys Up Enter 'drück(.|\n)*'
printed_twice() {
  screen_has . && [ "$(grep -c '^drück' "$work/screen.log")" = 2 ]
}
until_true "the earlier line comes back" printed_twice
echo "  the prompt, with earlier lines"
type_keys C-c '[$#] *$'
type_keys "clear; wine netmcu.exe -e 'print \"type\" print(io.read() == \"a line\")'" Enter '^type'
type_keys 'a line' Enter '^true'
echo "  a line of the console has no CR"
type_keys 'clear; wine netmcu.exe --watch watched; echo "status $?"' Enter 'first run'
echo 'print("second run")' >watched/init.lua
until_true "--watch notices a change" screen_has 'second run'
echo "  --watch"
type_keys C-c 'status 0'
echo "  Ctrl-C while it waits"
type_keys "clear; wine netmcu.exe -e 'print \"loop\" while true do end'; echo \"status \$?\"" Enter '^loop'
type_keys C-c 'status 0'
type_keys "clear; wine netmcu.exe -e 'tmr.create():alarm(9, 1, function() end) print \"timer\"'; echo \"status \$?\"" \
  Enter '^timer'
type_keys C-c 'status 0'
echo "  Ctrl-C in a script"
