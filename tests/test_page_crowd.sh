#!/bin/sh
# --page: clients without the key do not keep the page from those who have it, and a client that asks
# without reading takes a bounded amount of memory. The page's server runs in virtual time here.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1
"$NETMCU" -e 'require "netmcu.json" require "netmcu.hash".new "sha1"' 2>/dev/null || skip "this build has no page"

cat >server.lua <<'END_OF_SCRIPT'
local echoed = {}
program = {ip = "10.0.0.2", port = 80, root = ".", script = "x", connected = function() end}
function program.text() return "page" end
function program.status() return {} end
function program.place() return "" end
function program.network() return {} end
function program.look() return "{}" end
function program.console(_, most) return ("x"):rep(most), 0, most, 65536 end
function program.echo(text) echoed[#echoed + 1] = text end
function echo() return table.concat(echoed) end
require "netmcu.page.server".start(program)
key = program.key
END_OF_SCRIPT
cat >client.lua <<'END_OF_SCRIPT'
ended, sockets = {}, {}
function idle(name, text)
  local socket = net.createConnection()
  sockets[name] = socket
  socket:on("connection", function() if text then socket:send(text) end end)
  socket:on("disconnection", function() ended[#ended + 1] = name end)
  socket:connect(80, "10.0.0.2")
end
-- Opens a WebSocket; asks the given number of questions at once when ask() is called.
received = 0
function open(name, key)
  idle(name, "GET /socket?key=" .. key .. " HTTP/1.1\r\nHost: 10.0.0.2:80\r\nOrigin: http://10.0.0.2:80\r\n"
    .. "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n")
  sockets[name]:on("receive", function(_, data) received = received + #data end)
end
function ask(name, count)
  local text = '{"id":1,"ask":"update","console":0,"network":0}'
  sockets[name]:send((string.pack("BB", 129, #text) .. text):rep(count))
end
function hold(name) sockets[name]:hold() end
function ping(name, count) sockets[name]:send((string.pack("BB", 137, 125) .. ("x"):rep(125)):rep(count)) end
END_OF_SCRIPT
cat >crowd.lua <<'END_OF_SCRIPT'
local sim = require "netmcu.sim"
local page = sim.host("page", {script = "server.lua", profile = "desktop"})
local client = sim.host("client", {script = "client.lua", profile = "desktop"})
sim.run(0)
local c, key = client.globals, page.globals.key
local function ended() return table.concat({table.unpack(c.ended, 1, #c.ended)}, " ") end

-- A newer client takes the place of the oldest one without the key.
c.open("own", key)
sim.run(10)
for i = 1, 40 do
  c.idle("idle" .. i, i % 2 == 0 and "GET / HT" or nil)
  sim.run(10)
end
assert(ended() == "idle1", ended())
c.open("other", key)
sim.run(10)
assert(ended() == "idle1 idle2", ended())
c.ask("own", 1)
c.ask("other", 1)
sim.run(100)
assert(c.received > 2 * 65536 and c.received < 2 * 66000, c.received)

-- The others end after a few seconds, those with the key do not.
sim.run(4 * sim.second)
assert(#c.ended == 2)
sim.run(3 * sim.second)
assert(#c.ended == 40, ended())
c.ask("own", 1)
sim.run(60 * sim.second)
assert(c.received > 3 * 65536 and #c.ended == 40, ended())

-- If all have the key, a newer one gets no place.
for i = 3, 40 do c.open(i, key) end
sim.run(sim.second)
c.open("late", key)
sim.run(sim.second)
assert(c.ended[41] == "late" and #c.ended == 41, ended())

-- Many questions are fine while somebody reads the answers.
c.received = 0
for _ = 1, 16 do
  c.ask("own", 10)
  sim.run(sim.second)
end
assert(c.received > 160 * 65536 and #c.ended == 41 and page.globals.echo() == "", c.received)

-- Answers that nobody reads: what is too much is dropped and counted, and the client is closed.
c.hold "own"
c.ask("own", 1000)
sim.run(sim.second)
local dropped = tonumber(page.globals.echo():match "a page that does not read is closed; answers dropped: (%d+)\n$")
assert(dropped and dropped > 0, page.globals.echo())
c.hold "other"
c.ping("other", 14000)
sim.run(sim.second)
assert(select(2, page.globals.echo():gsub("dropped", "")) == 2, page.globals.echo())
c.open("again", key)
sim.run(sim.second)
c.received = 0
c.ask("again", 1)
sim.run(sim.second)
assert(c.received > 65536, c.received)
END_OF_SCRIPT
"$NETMCU" --sim crowd.lua >out 2>&1 || fail "$(cat out)"
