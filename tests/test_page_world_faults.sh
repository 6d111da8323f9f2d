#!/bin/sh
# --page --sim: the map has the links of all hosts from the start. The page cuts a link, separates a
# host, and repairs both. The link then has the settings that it had before.
# shellcheck disable=SC2154
. "$NETMCU_SOURCE/tests/support/page.sh"
cd "$work" || exit 1
cat >hub.lua <<'EOF'
net.createUDPSocket():listen(5)
EOF
cat >lamp.lua <<'EOF'
local socket = net.createUDPSocket()
tmr.create():alarm(100, tmr.ALARM_AUTO, function() socket:send(5, "10.0.0.3", "on") end)
EOF
cat >city.lua <<'EOF'
local sim = require "netmcu.sim"
lamp = sim.host("lamp", {script = "lamp.lua"})
hub = sim.host("hub", {script = "hub.lua"})
local cellar = sim.host("cellar", {script = "hub.lua"})
local attic = sim.host("attic", {script = "hub.lua"})
sim.link(lamp, hub, {latency = 20, loss = 0.25})
sim.link(cellar, nil, {latency = 5})
sim.hold(cellar, attic)
sim.link(hub, attic, {loss = 1})
sim.run(10 * sim.hour)
EOF
start_page --sim city.lua
ask '
  local function clock(command) ask {ask = "clock", command = command} end
  local function world() return (ask {ask = "world", filter = ""}) end
  local function link(a, b)
    for _, one in ipairs(world().links) do
      if one.a == a and one.b == b then return one end
    end
  end
  local function act(question)
    local answer = ask(question)
    assert(not answer.error, answer.error)
  end
  local function cut(a, b, is_cut) act {ask = "cut", a = a, b = b, is_cut = is_cut} end
  local function await(condition)
    while not condition() do clock "second" end
  end

  -- from the start
  clock "pause"
  await(function() return link("router", "attic") end)
  assert(link("router", "lamp") and link("router", "hub") and link("router", "cellar").there.latency == 5)
  assert(link("lamp", "hub").back.latency == 20 and link("hub", "attic").there.state == "cut")
  assert(link("cellar", "attic").there.state == "held")
  assert(not link("hub", "cellar") and not link("lamp", "attic") and world().link_count == 7, world().link_count)

  -- a link
  await(function() return link("lamp", "hub").packets > 20 end)
  cut("hub", "lamp", true)
  cut("lamp", "hub", true)
  local before = link("lamp", "hub")
  assert(before.there.state == "cut" and before.back.state == "cut" and before.there.loss == 1)
  assert(before.lost > 0 and before.lost < before.packets and link("router", "lamp").there.state == "open")
  await(function() return link("lamp", "hub").packets > before.packets + 20 end)
  local after = link("lamp", "hub")
  assert(after.lost - before.lost == after.packets - before.packets, "packets that a cut link has not lost")
  cut("lamp", "hub", false)
  after = link("lamp", "hub")
  assert(after.there.state == "open" and after.there.loss == 0.25 and after.there.latency == 20 and after.back.loss == 0.25)
  cut("hub", "attic", false)
  assert(link("hub", "attic").there.loss == 0, "the cut of the scenario")

  -- a link that the scenario sets between two cuts
  cut("lamp", "hub", true)
  ask {ask = "input", line = "require [[netmcu.sim]].link(lamp, hub, {latency = 40, loss = 0.25})", prompt = "> "}
  await(function() return link("lamp", "hub").there.latency == 40 end)
  cut("lamp", "hub", true)
  cut("lamp", "hub", false)
  assert(link("lamp", "hub").there.latency == 40 and link("lamp", "hub").there.loss == 0.25)

  -- a host
  act {ask = "separate", name = "hub"}
  assert(link("lamp", "hub").there.state == "separated" and link("router", "hub").back.state == "separated")
  assert(link("router", "lamp").there.state == "open" and world().states.separated == 1)
  cut("router", "lamp", true)
  act {ask = "repair"}
  assert(not world().states.separated and link("router", "lamp").there.state == "open")
  assert(link("lamp", "hub").there.loss == 0.25)

  assert(ask({ask = "separate", name = "nobody"}).error:find "there is no such host")
  assert(ask({ask = "cut", a = "lamp", b = "nobody", is_cut = true}).error:find "there is no such host")
  assert(ask({ask = "cut", a = "lamp"}).error)
'
kill -INT "$process"
wait "$process"
same "the status after Ctrl-C" 0 $?

# What somebody tries on the page, and no packet meets, does not make the scenario fail. Neither does
# what the scenario has set and somebody takes away.
cat >short.lua <<'EOF'
local sim = require "netmcu.sim"
local lamp = sim.host("lamp", {script = "hub.lua"})
local hub = sim.host("hub", {script = "hub.lua"})
sim.link(lamp, hub, {latency = 20})
sim.partition(hub)
sim.run(sim.hour)
print("unmet", #sim.unmet())
EOF
start_page --sim short.lua
ask '
  ask {ask = "clock", command = "pause"}
  assert(not ask({ask = "separate", name = "lamp"}).error)
  assert(not ask({ask = "cut", a = "lamp", b = "hub", is_cut = true}).error)
  assert(not ask({ask = "repair"}).error)
  ask {ask = "clock", command = "speed", value = 0}
  ask {ask = "clock", command = "run"}
'
wait_until "the end of the scenario" grep -q unmet "$work/page.log"
same "the faults that never took effect" "unmet	0" "$(grep unmet "$work/page.log")"

# Without a world, there is nothing to cut.
echo 'tmr.create():alarm(3600000, tmr.ALARM_AUTO, function() end)' >alone.lua
start_page alone.lua
ask '
  assert(ask({ask = "repair"}).error:find "there is no simulated network")
  assert(ask({ask = "separate", name = "lamp"}).error:find "there is no simulated network")
'
