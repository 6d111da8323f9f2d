#!/bin/sh
# With --sim --strict, a script sees what it would see on the chip, where the desktop does something
# more useful: a hold only closes the window, and a server only ends clients that are dead. A socket
# has no address while a name is being resolved.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

# run OPTION...: what the script prints
run() {
  "$NETMCU" --sim --no-warnings "$@" 2>&1
}

cat >hold.lua <<'END'
local held
local server = net.createServer(30)
server:listen(80, function(s)
  held = s
  s:on("receive", function(_, data) print("receive", #data) end)
  s:on("disconnection", function(_, code) print("disconnection", code) end)
  s:hold()
end)
local c, sent = net.createConnection(), 0
local function send(k) k:send(string.rep("x", 1460)) end
c:on("sent", function(k)
  sent = sent + 1
  send(k)
end)
c:connect(80, "127.0.0.1", send)
tmr.create():alarm(2000, tmr.ALARM_SINGLE, function()
  print("sent", sent)
  c:on("sent", nil)
  held:unhold()
end)
tmr.create():alarm(3000, tmr.ALARM_SINGLE, function()
  held:hold()
  c:close()
end)
tmr.create():alarm(4000, tmr.ALARM_SINGLE, function()
  print("end")
  held:unhold()
  server:close()
end)
END
received="receive	1460
receive	1460
receive	1460
receive	1460"
same "a hold on the chip" "$received
sent	4
receive	1460
disconnection	0
end" "$(run --strict hold.lua)"
same "a hold on the desktop" "sent	4
$received
receive	1460
end
disconnection	0" "$(run hold.lua)"

cat >idle.lua <<'END'
local server = net.createServer(2)
server:listen(80, function(s)
  s:on("disconnection", function(_, code) print("ended", code, math.floor(tmr.now() / 1000000)) end)
end)
local c = net.createConnection()
c:connect(80, "127.0.0.1")
tmr.create():alarm(9000, tmr.ALARM_SINGLE, function()
  pcall(c.close, c)
  server:close()
end)
END
same "a silent client of the chip" "ended	0	9" "$(run --strict idle.lua)"
same "a silent client of the desktop" "ended	-8	2" "$(run idle.lua)"

cat >dead.lua <<'END'
local sim = require "netmcu.sim"
local server = sim.host("server", {script = "serves.lua"})
local client = sim.host("client", {script = "connects.lua"})
sim.run(1000)
client:crash()
sim.run(100 * sim.second)
END
echo 'net.createServer(2):listen(80, function(s)
  s:on("disconnection", function(_, code) print("ended", code) end)
end)' >serves.lua
echo 'net.createConnection():connect(80, "server")' >connects.lua
same "a dead client of the chip" "server 77.000 | ended	-8" "$(run --strict dead.lua)"

echo 'c = net.createConnection() c:connect(80, "device") print(c:getaddr()) print(c:getpeer()) c:close()' >name.lua
same "addresses while resolving" "nil	nil
80	0.0.0.0" "$(run name.lua)"
