#!/bin/sh
# netmcu --sim with a scenario: hosts with scripts of their own, links, faults, crashes and restarts.
# The same seed prints the same bytes.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1
mkdir lamp

cat >lamp/init.lua <<'END'
-- Counts its boots in the flash.
local boots = tonumber(file.getcontents("boots") or "0") + 1
file.putcontents("boots", tostring(boots))
print("boot", boots, node.bootreason())
on, info = false, {colour = "red", n = 3}
named = setmetatable({"a", "b"}, {__tostring = function(t) return t[1] .. t[2] end})
net.createServer(net.TCP, 30):listen(80, function(c)
  c:on("receive", function(sk)
    on = not on
    sk:send(on and "on" or "off")
  end)
end)
function add(a, b) return a + b, "sum" end
function fail() tmr.create():alarm(10, tmr.ALARM_SINGLE, function() error "the lamp fails" end) end
function call(fn, ...) return fn(...) end
function many() return table.unpack({}, 1, 100000) end
for k in pairs({[{}] = 1, [print] = 2, x = 3, [7] = 4}) do print(k) end
END
cat >hub.lua <<'END'
tmr.create():alarm(1000, tmr.ALARM_AUTO, function()
  local c = net.createConnection()
  c:on("connection", function(s) s:send("toggle") end)
  c:on("receive", function(s, answer) print(answer, math.random(1000), tmr.now()) s:close() end)
  c:connect(80, "lamp1")
end)
END
cat >city.lua <<'END'
local sim = require "netmcu.sim"
local lamps = sim.host("lamp", {dir = "lamp", count = 2})
local hub = sim.host("hub", {script = "hub.lua", profile = "desktop", ip = "10.0.0.9"})
local lamp = lamps[1]
assert(lamp.name == "lamp1" and lamp.address == "10.0.0.2" and lamps[2].address == "10.0.0.3")
sim.link(lamp, hub, {latency = 20, loss = 0.05})
local called
sim.at(2 * sim.second, function() called = sim.now end)
sim.run(10 * sim.second)
assert(called == 2000 and sim.now == 10000)

-- The globals of a host are those of its own state.
local globals = lamp.globals
local sum, text = globals.add(1, 2)
assert(sum == 3 and text == "sum")
assert(lamps[2].globals.on == false and on == nil)
globals.info.n = 4
assert(globals.info.n == 4 and globals.info == globals.info and type(globals.info) == "table")
assert(select("#", globals.many()) == 100000)
assert(#globals.named == 2 and tostring(globals.named) == "ab")
local seen = {}
for k, v in pairs(globals.info) do seen[#seen + 1] = k .. "=" .. v end
assert(table.concat(seen, " ") == "colour=red n=4")
assert(globals.call(function(t) return t.mine end, {mine = "back"}) == "back")
local ok, message = pcall(globals.call, function() error("of mine", 0) end)
assert(not ok and message == "of mine", message)
assert(globals.file.getcontents("boots") == "1")
assert(sim.wait(function() return hub:output():find "off" end))

-- An error of a callback restarts the device, and is expected once it was read.
globals.fail()
sim.run(sim.second)
assert(lamp:errors()[1]:find "the lamp fails" and #lamp:errors() == 0)
assert(not pcall(function() return lamp.globals end))
sim.run(2 * sim.second)
assert(lamp:output():find "boot\t2\t2\t2")
local alive, why = pcall(function() return globals.on end)
assert(not alive and why:find "lamp1", why)

-- A partition, a crash and a restart.
sim.partition(lamps)
local before = hub:output()
sim.run(20 * sim.second)
assert(hub:output() == before)
sim.repair()
lamp:crash()
sim.run(5 * sim.second)
lamp:restart()
sim.run(0)
assert(lamp.globals.file.getcontents("boots") == "3")
assert(sim.wait(function() return #hub:output() > #before end, sim.minute))
print("done", sim.now)
END
"$NETMCU" --sim=7 city.lua >out 2>err || fail "$(cat out err)"
has "the output" "lamp1 0.000 | boot	1	1	0" "$(cat out)"
has "the error" "the lamp fails" "$(cat err)"
[ ! -e lamp/boots ] || fail "the folder of the lamps was changed"
for run in 1 2 3 4 5; do
  "$NETMCU" --sim=7 city.lua >again 2>again.err || fail "$(cat again again.err)"
  cmp out again || fail "run $run differs: $(diff out again)"
  cmp err again.err || fail "the errors of run $run differ: $(diff err again.err)"
done
"$NETMCU" --sim=8 city.lua >other 2>/dev/null
! cmp -s out other || fail "another seed gives the same run"

# fails TEXT LINES: a scenario with these lines ends badly, and says so.
fails() {
  printf 'local sim = require "netmcu.sim"\n%s\n' "$2" >bad.lua
  "$NETMCU" --sim bad.lua >out 2>&1
  [ $? = 1 ] || fail "no failure: $2: $(cat out)"
  has "$2" "$1" "$(cat out)"
}
echo 'tmr.create():alarm(5, tmr.ALARM_SINGLE, function() error "of a timer" end)' >timer.lua
echo 'error "of the script"' >script.lua
echo 'syntax error' >syntax.lua
echo 'function spin() while true do end end' >spin.lua
fails "netmcu: host 'a' has failed: 1 error" 'sim.host("a", {script = "timer.lua"}) sim.run(1000)'
fails "a 0.000 | script.lua:1: of the script" 'sim.host("a", {script = "script.lua"}) sim.run()'
fails "syntax error near" 'sim.host("a", {script = "syntax.lua", profile = "desktop"}) sim.run()'
echo 'node.setonerror(function() error {} end) dofile "timer.lua"' >table.lua
fails "a 0.005 | (error object is not a string)" 'sim.host("a", {script = "table.lua"}) sim.run(1000)'
fails "a fault that never took effect: link a - b" '
  local a, b = sim.host("a", {script = "spin.lua"}), sim.host("b", {script = "spin.lua"})
  sim.link(a, b, {loss = 0.5}) sim.run(10)'
fails "a fault that never took effect: crash of a" '
  local a = sim.host("a", {script = "spin.lua"}) sim.run(10) a:crash() sim.run(10) a:crash() sim.run(10)'
fails "a fault that never took effect: refuse,port=7" 'require "netmcu".fault "refuse,port=7" sim.run(10)'
fails "bad.lua:2: mine" 'sim.at(5, function() error "mine" end) sim.run(10)'
fails "bad.lua:2: sim.host 'a': either script = FILE or dir = FOLDER expected" 'sim.host("a", {})'
fails "bad.lua:2: sim.host 'a': there is no setting \"scirpt\"; the settings are count, dir" \
  'sim.host("a", {scirpt = "x"})'
fails "bad.lua:2: sim.host 'a': nowhere.lua: No such file" 'sim.host("a", {script = "nowhere.lua"})'
fails 'bad.lua:2: sim.host: "a b" is no host name' 'sim.host("a b", {script = "spin.lua"})'
fails "bad.lua:2: sim.host 'a': ip: \"10.0.0.300\" is no free IPv4 address" \
  'sim.host("a", {script = "spin.lua", ip = "10.0.0.300"})'
for ip in 224.0.0.1 240.0.0.1 255.255.255.255 127.0.0.1 0.0.0.1; do
  fails "bad.lua:2: sim.host 'a': ip: \"$ip\" is no free IPv4 address" "sim.host('a', {script = 'spin.lua', ip = '$ip'})"
done
fails 'bad.lua:2: move: "240.0.0.1" is no free IPv4 address' 'sim.host("a", {script = "spin.lua"}):move("240.0.0.1")'
fails "netmcu: a host has never started: sim.run or sim.wait is missing" 'sim.host("a", {script = "spin.lua"})'
fails "bad.lua:2: sim.host: there is a host 'a' already" 'for _ = 1, 2 do sim.host("a", {script = "spin.lua"}) end'
fails "bad.lua:2: sim.link: loss: a share from 0 to 1 expected, such as 0.2; got 20" 'sim.link(nil, nil, {loss = 20})'
fails "bad.lua:2: sim.link: mtu: a number of bytes from 68 to 65535 expected; got 4294967364" \
  'sim.link(nil, nil, {mtu = 4294967364})'
fails "bad.lua:2: sim.link: latency: at most a day expected; got 86400001 ms" \
  'sim.link(nil, nil, {latency = sim.day + 1})'
fails "bad.lua:2: sim.names: failures: a share from 0 to 1" 'sim.names {failures = 2}'
fails "bad.lua:2: sim.host 'a': drift in millionths: an integer from -500000 to 500000 expected; got 4294967296" \
  'sim.host("a", {script = "spin.lua", drift = 4294967296})'
fails "bad.lua:2: sim.host 'a': skew in ms: an integer from" \
  'sim.host("a", {script = "spin.lua", skew = math.maxinteger})'
fails "bad.lua:2: sim.run: a time in ms expected" 'sim.run "1h"'
fails "bad.lua:2: sim.at: the time 5 ms is over: it is 10 ms" 'sim.run(10) sim.at(5, print)'
fails "bad.lua:2: sim.hold: a host of sim.host expected; got nil" 'sim.hold()'
fails "bad.lua:2: the world is running already" 'sim.at(5, function() sim.run(5) end) sim.run(10)'

# Each error that a scenario catches names the line of the scenario.
cat >lines.lua <<'END'
local sim = require "netmcu.sim"
local a = sim.host("a", {script = "spin.lua"})
local calls = {
  function() sim.host(1, {}) end,
  function() sim.host("b", 1) end,
  function() sim.host("b", {}) end,
  function() sim.host("b", {nothing = 1}) end,
  function() sim.host("b", {script = "nowhere.lua"}) end,
  function() sim.host("b", {script = "spin.lua", profile = "x"}) end,
  function() sim.host("b", {script = "spin.lua", count = 0}) end,
  function() sim.host("b", {script = "spin.lua", count = 2, ip = "10.0.0.9"}) end,
  function() sim.host("b", {script = "spin.lua", skew = 0.5}) end,
  function() sim.host("b", {script = "spin.lua", drift = 500001}) end,
  function() sim.host("b", {script = "spin.lua", ip = "x"}) end,
  function() sim.host("b", {script = "spin.lua", ip = {}}) end,
  function() sim.host("b", {script = "."}) end,
  function() sim.host("b\0", {script = "spin.lua"}) end,
  function() sim.host("a", {script = "spin.lua"}) end,
  function() sim.link(1, a, {}) end,
  function() sim.link({a, 1}, a, {}) end,
  function() sim.link(a, a, 1) end,
  function() sim.link(a, nil, {nothing = 1}) end,
  function() sim.link(a, nil, {loss = -1}) end,
  function() sim.link(a, nil, {mtu = 67}) end,
  function() sim.link(a, nil, {bandwidth = 0.5}) end,
  function() sim.link(a, nil, {jitter = -1}) end,
  function() sim.path(nil, a, {latency = sim.day + 1}) end,
  function() sim.repair(a) end,
  function() sim.partition() end,
  function() sim.partition(a, 1) end,
  function() sim.partition(a, nil) end,
  function() sim.hold(a, 1) end,
  function() sim.release(1, a) end,
  function() sim.name(1, "10.0.0.1") end,
  function() sim.name("x", "y") end,
  function() sim.names {nothing = 1} end,
  function() sim.names {delay = -1} end,
  function() sim.names {failures = 2} end,
  function() sim.names {silence = -1} end,
  function() sim.at(-1, print) end,
  function() sim.at(1, 2) end,
  function() sim.run(2e12) end,
  function() sim.run(0 / 0) end,
  function() sim.wait(1) end,
  function() sim.wait(print, -1) end,
  function() a:move "x" end,
}
local wrong = {}
for i, call in ipairs(calls) do
  local done, message = pcall(call)
  if done or not message:find("^lines%.lua:" .. i + 3 .. ": ") then
    wrong[#wrong + 1] = i + 3 .. ": " .. tostring(message)
  end
end
sim.run(0)
assert(not wrong[1], table.concat(wrong, "\n"))
END
"$NETMCU" --sim lines.lua >out 2>&1 || fail "$(cat out)"

# What was read, or taken for intended, is no failure.
cat >fine.lua <<'END'
local sim = require "netmcu.sim"
local a, b = sim.host("a", {script = "timer.lua"}), sim.host("b", {script = "spin.lua"})
sim.link(a, b, {latency = 5})
sim.run(1000)
assert(#a:errors() == 1)
assert(sim.unmet()[1] == "link a - b")
a:crash()
a:restart()
sim.run(1000)
assert(#a:errors() == 1)
b:crash()
END
"$NETMCU" --sim fine.lua >out 2>&1 || fail "$(cat out)"
"$NETMCU" fine.lua >out 2>&1 && fail "without --sim"
has "without --sim" "netmcu --sim=SEED FILE" "$(cat out)"

# A link delays, a hold stops, and a release lets packets pass again.
echo 'net.createServer():listen(80, function(c) c:on("receive", c.send) end)' >answers.lua
cat >asks.lua <<'END'
function ask()
  local client, begun = net.createConnection(), tmr.now()
  took = false
  client:on("connection", function() took = tmr.now() - begun end)
  client:connect(80, "b")
end
END
cat >way.lua <<'END'
local sim = require "netmcu.sim"
local a, b = sim.host("a", {script = "asks.lua"}), sim.host("b", {script = "answers.lua"})
sim.run(100)
local function ask()
  a.globals.ask()
  return sim.wait(function() return a.globals.took end, 20 * sim.second)
end
assert(ask() < 50000)
sim.link(a, b, {latency = 50})
assert(ask() >= 100000)
sim.hold(a, b)
sim.at(sim.now + 5000, function() sim.release(a, b) end)
assert(ask() >= 5000000)
END
"$NETMCU" --sim way.lua >out 2>&1 || fail "$(cat out)"

# A running host can be restarted. A device that restarts does not close its connections. Its
# RTC memory stays. Of a long output, the end is kept.
cat >counts.lua <<'END'
count, lost = 0, 0
tmr.create():alarm(100, tmr.ALARM_AUTO, function() count = count + 1 end)
net.createServer():listen(80, function(c) c:on("disconnection", function() lost = lost + 1 end) end)
END
cat >leaves.lua <<'END'
net.createConnection():connect(80, "a")
kept = rtcmem.read32(10)
function leave() rtcmem.write32(10, 4711) node.restart() end
uart.write(0, "x") uart.write(0, "y\nz\n")
for i = 1, 5000 do uart.write(0, string.format("%07d\n", i)) end
END
cat >again.lua <<'END'
local sim = require "netmcu.sim"
local a, b = sim.host("a", {script = "counts.lua"}), sim.host("b", {script = "leaves.lua"})
sim.run(1050)
assert(a.globals.count == 10)
assert(#b:output() == 16384 and b:output():find "^0002953\n.*0005000\n$")
b.globals.leave()
sim.run(5000)
assert(a.globals.lost == 0 and b.globals.kept == 4711)
a:restart()
sim.run(250)
assert(a.globals.count == 2)
END
"$NETMCU" --sim again.lua >out 2>&1 || fail "$(tail -n 5 out)"
same "a line that was written in pieces" "b 0.000 | xy" "$(head -n 1 out)"

# The globals are there from the first call of a predicate on.
echo 'ready = 7' >ready.lua
cat >first.lua <<'END'
local sim = require "netmcu.sim"
local host = sim.host("a", {script = "ready.lua"})
assert(sim.wait(function() return host.globals.ready + 1 end) == 8 and sim.now == 0)
END
"$NETMCU" --sim first.lua >out 2>&1 || fail "$(cat out)"

# With --strict, hosts are chips, but not the scenario. A chip answers a literal address inside the call.
echo 'answered = false net.dns.resolve("10.0.0.1", function() answered = true end) inside = answered' >chip.lua
cat >computer.lua <<'END'
local sim = require "netmcu.sim"
local chip, answered = sim.host("chip", {script = "chip.lua"}), false
net.dns.resolve("10.0.0.1", function() answered = true end)
assert(not answered)
sim.run(1000)
assert(answered and chip.globals.inside)
END
"$NETMCU" --sim --strict computer.lua >out 2>&1 || fail "$(cat out)"

# What is listed for the editor, in docs/simulation.md and docs/luals, is just what there is.
cat >listed.lua <<'END'
local sim = require "netmcu.sim"
local _, methods = debug.getupvalue(debug.getmetatable(sim.host("a", {script = "spin.lua"})).__index, 1)
sim.run(0)
local live, listed, settings, known = {}, {}, {}, {}
for name, value in pairs(sim) do live[type(value) == "function" and "sim." .. name or ""] = true end
for name in pairs(methods) do live["host_object:" .. name] = true end
live[""] = nil
local class
for line in io.lines(os.getenv "NETMCU_SOURCE" .. "/docs/luals/sim.lua") do
  local name = line:match "^function ([%w_.:]+)"
  class = line:match "^%-%-%-@class sim%.(%w+)_settings$" or not line:find "^%-%-%-@field" and "" or class
  local key = class ~= "" and line:match "^%-%-%-@field (%w+)?"
  if name then listed[name] = true end
  if key then settings[#settings + 1] = class .. " " .. key end
end
for name in pairs(live) do assert(listed[name], name .. " is not listed") end
for name in pairs(listed) do assert(live[name], name .. " is listed") end
table.sort(settings)
-- A setting that there is not is answered with all that there are.
for what, call in pairs {host = function(s) sim.host("b", s) end, link = function(s) sim.link(nil, nil, s) end, name = sim.names} do
  local _, message = pcall(call, {nothing = 1})
  for key in message:match "the settings are (.*)$":gmatch "%w+" do known[#known + 1] = what .. " " .. key end
end
table.sort(known)
assert(table.concat(known, ", ") == table.concat(settings, ", "), table.concat(known, ", "))
END
"$NETMCU" --sim listed.lua >out 2>&1 || fail "$(cat out)"

# A script that never returns ends with the time-out.
cat >endless.lua <<'END'
local sim = require "netmcu.sim"
local a = sim.host("a", {script = "spin.lua"})
sim.run(0)
a.globals.spin()
END
"$NETMCU" --sim --timeout 0.2 endless.lua >out 2>&1
[ $? = 124 ] || fail "the time-out: $(cat out)"

# A scenario that sleeps or restarts begins again in a new world. Nothing of the old one happens there.
cat >again.lua <<'END'
local sim = require "netmcu.sim"
assert(sim.now == 0)
local a = sim.host("a", {script = "timer.lua"})
sim.at(50, function() error "of a world that is over" end)
sim.run(1)
local runs = rtcmem.read32(0) + 1
rtcmem.write32(0, runs)
print("run", runs)
if runs == 1 then
  node.dsleep(1000000)
elseif runs == 2 then
  node.restart()
end
END
"$NETMCU" --sim again.lua >out 2>&1 || fail "$(cat out)"
same "the runs" "$(printf 'run\t1\nrun\t2\nrun\t3')" "$(cat out)"

# A flash that was formatted shows a new file in a folder that it had before.
mkdir -p folder/inner
echo 'text' >folder/inner/old.txt
cat >folder/init.lua <<'END'
file.format()
file.putcontents("inner/new.txt", "text")
for name in pairs(file.list()) do print(name) end
END
cat >formatted.lua <<'END'
local sim = require "netmcu.sim"
local a = sim.host("a", {dir = "folder"})
sim.run(1)
assert(a:output() == "inner/new.txt\n", a:output())
END
"$NETMCU" --sim formatted.lua >out 2>&1 || fail "$(cat out)"
[ -e folder/inner/old.txt ] || fail "the folder was formatted"

# Ctrl-C ends a scenario, whatever its hosts do at that time.
cat >busy.lua <<'END'
local sim = require "netmcu.sim"
sim.host("h", {script = "spin.lua", count = 20})
print "busy"
while true do sim.run(10) end
END
"$NETMCU" --sim busy.lua >busy.log 2>err &
wait_for busy busy
kill -INT $!
wait $!
same "the exit status after Ctrl-C" 0 $?
