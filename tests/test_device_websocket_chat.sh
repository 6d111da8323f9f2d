#!/bin/sh
# The chat client of the examples, in the chat room of the examples: it comes back when the room
# does. Then a client with Python's websockets, over TLS too.
. "$NETMCU_SOURCE/tests/support/shell.sh"
"$NETMCU" -e 'crypto.hash("sha1", "")' 2>/dev/null || skip 'netmcu was built without nettle'

device websocket
device websocket_chat
port=$(free_port)
set_in "$work/websocket/init.lua" PORT "$port"
set_in "$work/websocket_chat/init.lua" URL "\"ws://127.0.0.1:$port/\""
set_in "$work/websocket_chat/init.lua" RETRY 20

mkfifo "$work/line"
exec 3<>"$work/line"
start chat sh -c 'exec "$0" "$1" <"$2"' "$NETMCU" "$work/websocket_chat" "$work/line"
chat=$process
wait_for chat 'out of the room, status -109'
echo 'too early' >&3
wait_for chat 'nobody is listening'
start room "$NETMCU" "$work/websocket"
wait_for chat '> hello from '
echo 'größer' >&3
wait_for chat '> größer'
stop "$process"
wait_until 'the end of the room' grep -aqE 'status -(99|109)$' "$work/chat.log"
: >"$work/chat.log"
start room "$NETMCU" "$work/websocket"
wait_for chat '> hello from '
echo bye >&3
wait "$chat" || fail "the client ends with status $?"
wait_for chat 'out of the room, status 0'
grep -aq traceback "$work/chat.log" "$work/room.log" && fail 'a script crashed'

# --- Python's websockets ---

python=
for candidate in python3 /usr/bin/python3; do
  if [ -z "$python" ] && "$candidate" -c 'import websockets' 2>/dev/null; then
    python=$candidate
  fi
done
if [ -z "$python" ]; then
  say "Python's websockets is not installed: the client was not tried with it"
  exit 0
fi

# talk NAME SCHEME [CERTIFICATE]
talk() {
  start "$1" "$python" "$NETMCU_SOURCE/tests/support/websocket_server.py" ${3:+"$work" "$3"}
  wait_until "the port of $1" test -s "$work/$1.log"
  url=$2://localhost:$(head -n 1 "$work/$1.log")
  same "$1" 'text 200000
binary 200000
short 5
status 0
status -6' "$("$NETMCU" --timeout "$patience" -e '
    local url, ws = "'"$url"'", websocket.createClient()
    local text = ("netmcu äöü"):rep(200000 / #"netmcu äöü" + 1):sub(1, 200000 - 200000 % 13)
    text = text .. ("x"):rep(200000 - #text)
    ws:on("connection", function() ws:send(text) end)
    ws:on("receive", function(_, message, opcode)
      if message == text and opcode == 1 then
        print("text " .. #message)
        ws:send(("\0\xff"):rep(100000), 2)
      elseif opcode == 2 then
        assert(message == ("\0\xff"):rep(100000))
        print("binary " .. #message)
        ws:send("in ", 0x81) ws:send("", 0x80) ws:send("2!", 0)
      else
        assert(message == "in 2!")
        print("short " .. #message)
        ws:close()
      end
    end)
    ws:on("close", function(_, status)
      print("status " .. status)
      ws:on("close", function(_, second) print("status " .. second) end)
      ws:on("connection", nil)
      ws:connect(url .. "/close")
    end)
    ws:connect(url .. "/echo")' 2>"$work/errors.log")"
  wait_for "$1" 'closed 1005'
}

talk plain ws
has_tls || exit 0
command -v openssl >/dev/null || exit 0
make_certificates
talk secure wss server
same 'a server that is not the right one' -128 "$("$NETMCU" --timeout "$patience" -e "
  tls.cert.verify(true)
  local ws = websocket.createClient()
  ws:on('close', function(_, status) print(status) end)
  ws:connect('$url')" 2>"$work/errors.log")"
exit 0
