#!/bin/sh
# --page --sim: the page controls the time of the world, and shows its hosts and links. The world stays
# the same as without the page.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/page.sh"
cd "$work" || exit 1
write_city
"$NETMCU" --sim=5 city.lua >alone 2>&1 || fail "the scenario"

# Functions for the clients: await(condition) asks again until it is true.
helpers='
  local function update() return (ask {ask = "update", console = 0, network = 0}) end
  local function clock(command, value)
    local answer = ask {ask = "clock", command = command, value = value}
    assert(not answer.error, answer.error)
  end
  local function await(condition)
    local answer = update()
    while not condition(answer) do answer = update() end
    return answer
  end
  local function world(filter) return ask {ask = "world", filter = filter or ""} end
'
start_page --sim=5 city.lua
! grep -q boot page.log || fail "the world began without a browser"
ask "$helpers"'
  clock "pause"
  local answer = update()
  assert(answer.clock == "paused" and answer.speed == 1 and answer.time < 3600, answer.clock)
  for _ = 1, 5 do
    assert(update().time == answer.time, "time passes in a paused world")
  end
  clock "second"
  local later = await(function(now) return now.time >= answer.time + 0.999999 end)
  assert(later.time < answer.time + 1.000001, later.time - answer.time)
  clock "event"
  await(function(now) return now.time > later.time end)
  assert(update().clock == "paused")
  clock("speed", 100)
  clock "run"
  await(function(now) return now.time > 26 end)
  clock "pause"
  local map = world()
  local lamp, link
  for _, host in ipairs(map.hosts) do lamp = host.name == "lamp" and host or lamp end
  for _, one in ipairs(map.links) do link = one.a == "lamp" and one.b == "hub" and one or link end
  assert(lamp.ip == "10.0.0.2" and lamp.has_device and map.hosts[1].name == "router" and not map.hosts[1].has_device)
  assert(link.there.latency == 20 and link.there.jitter == 10 and link.there.loss == 0.1 and link.back.loss == 0.1)
  assert(link.packets > 10 and link.bytes > 5, link.bytes)
  assert(lamp.packets == link.packets and map.packets > link.packets, map.packets)
  local narrow = world "lam"
  assert(#narrow.hosts == 1 and narrow.matching == 1 and narrow.link_count == 0, #narrow.hosts)
  assert(update().time >= 1200 or lamp.state == "separated" and link.there.state == "separated" and link.lost > 0)

  -- the device of a host
  assert(update().host == "" and #world().hosts == 3)
  assert(ask({ask = "show", name = "lamp"}).is_host)
  answer = update()
  assert(answer.host == "lamp" and answer.state == "running" and answer.device.pins[5][1] == 1)
  local _, output = world()
  assert(output:find "level\t1", output)
  assert(not ask({ask = "show", name = "router"}).is_host and update().host == "")
  assert(ask({ask = "clock", command = "back"}).error)

  clock("speed", 0)
  clock "run"
  answer = await(function(now) return now.state == "ended" end)
  assert(answer.clock == "paused" and answer.time == 3600, answer.time)
  map = world()
  assert(map.states.crashed == 1 and map.states.running == 2)

  -- what somebody does belongs to the host, and stays when it restarts
  ask {ask = "show", name = "lamp"}
  assert(not ask({ask = "pin", pin = 3, level = 0}).error)
  ask {ask = "show", name = "hub"}
  assert(update().state == "crashed" and not update().device)
  assert(ask({ask = "pin", pin = 3, level = 0}).error == "the script does not run; Restart starts it")
  ask {ask = "restart"}
  assert(update().state == "running" and update().device and world().states.running == 3)
  ask {ask = "show", name = "lamp"}
  ask {ask = "input", line = "print \"typed\"", prompt = "> "}
  await(function() return (select(2, world()):find "typed") end)
  assert(update().clock == "paused")
  ask {ask = "restart"}
  clock "run"
  await(function() return (select(2, world()):find "boot\t0") end)
'
sed "/the page is/d; /the scenario has ended/,\$d" page.log >watched
cmp -s alone watched || fail "the page changes the world: $(diff alone watched)"
kill -INT "$process"
wait "$process"
same "the status after Ctrl-C" 0 $?

# A world that waits for a browser, and one that is paused, end with Ctrl-C as well.
start_page --sim city.lua
kill -INT "$process"
wait "$process"
same "the status after Ctrl-C before the beginning" 0 $?

# The hosts of a failed scenario can be looked at; a restart begins a new world.
cat >broken.lua <<'END'
local sim = require "netmcu.sim"
local lamp = sim.host("lamp", {script = "lamp.lua"})
sim.run(5 * sim.second)
assert(lamp.globals.on, "the lamp is off")
END
start_page --sim broken.lua
ask "$helpers"'
  clock("speed", 0)
  await(function(now) return now.state == "failed" end)
  assert(ask({ask = "show", name = "lamp"}).is_host and update().device and world().states.running == 2)
  ask {ask = "show", name = ""}
  ask {ask = "restart"}
  local answer = await(function(now) return now.state == "running" or now.run > 3 end)
  clock "pause"
'
wait_for page "the lamp is off"
kill -INT "$process"
wait "$process"
same "the status of a failed scenario" 0 $?

# A single device keeps pace, and sleeps in the time of the world. A press happens now.
cat >sleeper.lua <<'END'
local _, reason = node.bootreason()
print("boot", reason, gpio.read(3))
gpio.mode(3, gpio.INT, gpio.PULLUP)
gpio.trig(3, "down", function() print("pressed", tmr.now() > 300000) node.dsleep(3600 * 1000000) end)
END
start_page --sim sleeper.lua
ask "$helpers"'
  await(function(now) return now.clock == "running" end)
  clock("speed", 1)
  assert(world().hosts[2].name == "device")
  clock "pause" clock "second"
  ask {ask = "pin", pin = 3, level = 0}
  await(function(now) return now.state == "sleeping" end)
  clock("speed", 0)
  clock "run"
  await(function(now) return now.time > 3600 and now.state == "running" end)
'
wait_for page "pressed	true"
wait_for page "boot	5	0"
