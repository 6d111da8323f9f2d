#!/bin/sh
# Each setting of sim.link and sim.names does what docs/simulation.md says, and sim.path sets one
# direction only.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1

cat >host.lua <<'END_OF_SCRIPT'
local socket = net.createUDPSocket()
socket:listen(5000)
socket:on("receive", function(_, data) arrivals[#arrivals + 1] = {data, tmr.now() - begun} end)
function begin() arrivals, begun = {}, tmr.now() end
function send(ip, count, size)
  for i = 1, count do socket:send(5000, ip, ("x"):rep(size - 2) .. string.format("%02d", i)) end
end
function look_up(name)
  begin()
  answer = nil
  net.dns.resolve(name, function(_, ip) answer = ip or "none"; took = tmr.now() - begun end)
end
END_OF_SCRIPT
cat >links.lua <<'END_OF_SCRIPT'
local sim = require "netmcu.sim"
local a, b = sim.host("a", {script = "host.lua", profile = "desktop"}), sim.host("b", {script = "host.lua", profile = "desktop"})
local device = sim.host("device", {script = "host.lua"})
sim.run(0)

-- Returns the numbers of the datagrams that arrive, and how many µs the way of each takes.
local function send(from, to, count, size)
  to.globals.begin()
  from.globals.send(to.address, count, size or 100)
  sim.run(20 * sim.second)
  local numbers, times = {}, {}
  for _, arrival in ipairs(to.globals.arrivals) do
    numbers[#numbers + 1] = tonumber(arrival[1]:match "%d+$")
    times[#times + 1] = arrival[2]
  end
  return numbers, times
end

local function in_order(numbers)
  for i = 2, #numbers do
    if numbers[i] < numbers[i - 1] then return false end
  end
  return true
end

local function between(value, least, most)
  assert(value >= least and value <= most, ("%s is not from %s to %s"):format(value, least, most))
end

sim.link(a, b, {latency = 20})
for _, way in ipairs {{a, b}, {b, a}} do
  local numbers, times = send(way[1], way[2], 10)
  assert(#numbers == 10 and in_order(numbers))
  assert(times[1] == 20000 and times[10] == 20000, times[1])
end

sim.link(a, b, {latency = 20, jitter = 10})
local numbers, times = send(a, b, 1)
local first = times[1]
between(first, 20000, 30000)
local least, most = first, first
for _ = 1, 20 do
  times = select(2, send(a, b, 1))
  least, most = math.min(least, times[1]), math.max(most, times[1])
end
between(least, 20000, 23000)
between(most, 27000, 30000)
numbers = send(a, b, 99)
assert(#numbers == 99 and in_order(numbers))

sim.link(a, b, {loss = 0.5})
between(#send(a, b, 99), 30, 70)
sim.link(a, b, {duplication = 0.5})
between(#send(a, b, 99), 130, 170)
sim.link(a, b, {latency = 20, reordering = 0.5})
numbers = send(a, b, 99)
assert(#numbers == 99 and not in_order(numbers))

-- Ten datagrams have 1,280 bytes with their headers.
sim.link(a, b, {latency = 0, bandwidth = 1000})
numbers, times = send(a, b, 10)
assert(#numbers == 10 and times[1] == 128000 and times[10] == 1280000, times[10])
sim.link(a, b, {bandwidth = 1000, queue = 300})
between(#send(a, b, 10), 3, 4)

-- The device does not fragment.
sim.link(device, b, {mtu = 500})
assert(#send(device, b, 3, 472) == 3 and #send(device, b, 3, 473) == 0)

sim.path(a, b, {latency = 100})
sim.path(b, a, {latency = 5})
times = select(2, send(a, b, 1))
assert(times[1] == 100000, times[1])
times = select(2, send(b, a, 1))
assert(times[1] == 5000, times[1])
sim.path(a, b, {})
times = select(2, send(a, b, 1))
between(times[1], 0, 4999)

-- names
sim.link(a, nil, {latency = 0})
local function look_up(name)
  a.globals.look_up(name)
  sim.run(sim.minute)
  return a.globals.answer, a.globals.took
end
sim.name("one.test", "192.0.2.1")
sim.names {delay = 400}
local answer, took = look_up "one.test"
assert(answer == "192.0.2.1" and took == 400000, took)
sim.name("two.test", "192.0.2.2")
sim.names {failures = 1}
answer, took = look_up "two.test"
assert(answer == "none")
between(took, 1000, 9999)
sim.names {silence = 1}
answer, took = look_up "two.test"
assert(answer == "none")
between(took, 1000000, 60000000)
sim.names {}
answer, took = look_up "two.test"
assert(answer == "192.0.2.2" and took == 1000, took)
sim.name("two.test")
sim.run(2 * sim.minute) -- the answer is kept for a minute
assert(look_up "two.test" == "none")
END_OF_SCRIPT
"$NETMCU" --sim links.lua >out 2>&1 || fail "$(cat out)"
