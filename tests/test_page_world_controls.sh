#!/bin/sh
# --page --sim: choosing another host forgets the connections of the one before, an immense speed is
# full speed, a world goes on while clients ask without a pause, and +1 s lets a whole second pass
# even if a host restarts meanwhile.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/page.sh"
cd "$work" || exit 1
cat >hub.lua <<'EOF'
net.createServer():listen(80, function(client) client:on("receive", function(c) c:close() end) end)
tmr.create():alarm(10, tmr.ALARM_AUTO, function() end)
EOF
cat >lamp.lua <<'EOF'
gpio.mode(3, gpio.INPUT, gpio.PULLUP)
print("boot", gpio.read(3))
tmr.create():alarm(100, tmr.ALARM_AUTO, function()
  local c = net.createConnection()
  c:on("connection", function() c:send "on" end)
  c:connect(80, "hub")
end)
EOF
cat >city.lua <<'EOF'
local sim = require "netmcu.sim"
sim.host("hub", {script = "hub.lua"})
sim.host("lamp", {script = "lamp.lua"})
sim.run(10 * sim.hour)
EOF
start_page --sim city.lua
ask '
  local function update() return (ask {ask = "update", console = 0, network = 0}) end
  local function clock(command, value) ask {ask = "clock", command = command, value = value} end
  local function await(condition)
    local answer = update()
    while not condition(answer) do answer = update() end
    return answer
  end

  -- the connections of another host
  ask {ask = "show", name = "lamp"}
  local key = await(function(now) return #now.network > 2 end).network[1].key
  clock "pause"
  assert(not ask({ask = "pieces", key = key}).error)
  ask {ask = "show", name = "hub"}
  assert(ask({ask = "pieces", key = key}).error)
  clock "run"
  await(function(now) return #now.network > 2 end)

  -- speeds
  clock "pause"
  clock("speed", 1e300)
  assert(update().speed == 0 and update().clock == "paused")
  clock("speed", 1e8)
  clock "run"
  await(function(now) return now.time > 20 end)
  clock "pause"

  -- a second with a restart
  ask {ask = "show", name = "lamp"}
  ask {ask = "pin", pin = 3, level = 0}
  local before, run = update().time, update().run
  ask {ask = "restart"}
  clock "second"
  await(function(now) return now.time >= before + 0.999999 and now.run > run end)
'
wait_for page "boot	0"
kill -INT "$process"
wait "$process"
same "the status after Ctrl-C" 0 $?
