#!/bin/sh
# The WebSocket server of the examples, with Python's websockets and with Chromium, whichever is
# installed.
. "$NETMCU_SOURCE/tests/support/shell.sh"

"$NETMCU" -e 'crypto.hash("sha1", "")' 2>/dev/null || skip 'netmcu was built without nettle'
python=
for candidate in python3 /usr/bin/python3; do
  if [ -z "$python" ] && "$candidate" -c 'import websockets' 2>/dev/null; then
    python=$candidate
  fi
done
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
[ -n "$python$browser" ] || skip "neither Python's websockets nor Chromium is installed"

device websocket
# The page sends what the browser does to the server, so that it appears in the server's log.
cat >"$work/websocket/check.html" <<'PAGE'
<!DOCTYPE html>
<script>
  var large = 'x'.repeat(100000), socket = new WebSocket('ws://' + location.host + '/');
  var bytes = new Uint8Array([0, 1, 127, 128, 255]);
  socket.binaryType = 'arraybuffer';
  socket.onopen = function () { socket.send('größer'); };
  socket.onmessage = function (event) {
    if (event.data === 'größer') socket.send(large);
    else if (event.data === large) socket.send(bytes);
    else if (event.data instanceof ArrayBuffer && event.data.byteLength === 5) socket.send('bye');
    else socket.send('unexpected: ' + event.data);
  };
  socket.onclose = function (event) { fetch('/closed-' + event.wasClean); };
</script>
PAGE
sed 's|  if path == "/" then|  print("page " .. path)\
  if path == "/check" then\
    return "200 OK", "text/html; charset=utf-8", file.getcontents("check.html")\
  elseif path == "/" then|' "$work/websocket/init.lua" >"$work/init.lua"
mv "$work/init.lua" "$work/websocket/init.lua"
port=$(free_port)
set_in "$work/websocket/init.lua" PORT "$port"
start server "$NETMCU" "$work/websocket"
wait_for server "WebSocket server on port $port"

if [ -n "$python" ]; then
  cat >"$work/client.py" <<'CLIENT'
import asyncio, os, sys, websockets

def connect(url):
    return websockets.connect(url, max_size=None, max_queue=None)

async def main(url):
    async with connect(url) as one, connect(url) as two:
        for message in ["hello", "", "größer", "x" * 125, "x" * 126, "x" * 65535, "x" * 65536, "x" * 300000,
                        b"\x00\xff\x80", os.urandom(70000)]:
            await one.send(message)
            assert await one.recv() == message
            assert await two.recv() == message
        await two.send(["in ", "three ", "parts"])
        assert await one.recv() == "in three parts" == await two.recv()
        await asyncio.gather(*(one.send(str(i)) for i in range(200)))
        assert [await two.recv() for i in range(200)] == [str(i) for i in range(200)]
        await (await one.ping(b"are you there"))
        await two.close()
        await one.send("bye")
        await one.wait_closed()
        assert two.close_code == 1000, two.close_code
    print("all came back")

asyncio.run(asyncio.wait_for(main(sys.argv[1]), 60))
CLIENT
  start client "$python" "$work/client.py" "ws://127.0.0.1:$port/chat"
  wait "$process" || fail "Python's client"
  wait_for client 'all came back'
fi

if [ -n "$browser" ]; then
  patience=90
  start browser "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
    --user-data-dir="$work/profile" --remote-debugging-port=0 "http://127.0.0.1:$port/check"
  wait_for server 'message of 100000 bytes'
  wait_for server 'page /closed-'
  grep -aq unexpected "$work/server.log" && fail 'the browser got something else than it sent'
  stop "$process"
fi
grep -a traceback "$work/server.log" && fail 'the script crashed'
exit 0
