#!/bin/sh
# A host that crashes takes no further packet, not even one of the same instant, and one that is
# restarted starts at once.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

cat >server.lua <<'END_OF_SCRIPT'
count = 0
tmr.create():alarm(100, tmr.ALARM_AUTO, function() count = count + 1 end)
net.createServer():listen(80, function() end)
END_OF_SCRIPT
cat >client.lua <<'END_OF_SCRIPT'
function connect(ip)
  is_connected = false
  local client = net.createConnection()
  client:on("connection", function() is_connected = true end)
  client:connect(80, ip)
end
END_OF_SCRIPT
cat >crash.lua <<'END_OF_SCRIPT'
local sim = require "netmcu.sim"
local a = sim.host("a", {script = "server.lua"})
local b = sim.host("b", {script = "client.lua", profile = "desktop"})
sim.link(a, b, {latency = 50})
sim.run(10)

-- The SYN arrives after 50 ms, and the crash is an earlier event of that time.
local function connect(crash_after)
  if crash_after then sim.at(sim.now + crash_after, function() a:crash() end) end
  b.globals.connect(a.address)
  sim.run(1000)
  return b.globals.is_connected
end
assert(connect())
assert(not connect(50))
a:restart()
sim.run(10)
assert(connect(51))

-- A device that runs starts again at once, too.
a:restart()
sim.run(0)
assert(a.globals.count == 0)
sim.run(250)
assert(a.globals.count == 2)
a:restart()
sim.run(0)
assert(a.globals.count == 0)
END_OF_SCRIPT
"$NETMCU" --sim crash.lua >out 2>&1 || fail "$(cat out)"
