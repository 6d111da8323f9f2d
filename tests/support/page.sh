# For tests of --page:  . "$NETMCU_SOURCE/tests/support/page.sh"
# shellcheck shell=sh disable=SC2154,SC2034
. "$NETMCU_SOURCE/tests/support/shell.sh"

# start_page ARGUMENT...: runs netmcu --page ARGUMENT... in the background; sets $address, $port and
# $key
start_page() {
  start page "$NETMCU" --page "$@"
  wait_until "the address of the page, or the reason why there is no page" grep -q 'key=\|no page' "$work/page.log"
  ! grep -q 'no page' "$work/page.log" || skip "this build has no page"
  address=$(grep -o 'http://.*' "$work/page.log")
  port=$(echo "$address" | sed 's/.*:\([0-9]*\).*/\1/')
  key=${address##*=}
}

# ask SCRIPT: opens the WebSocket of the page, and runs a script that uses ask(question [, bytes]),
# which returns the answer and its bytes
ask() {
  cat "$NETMCU_SOURCE/tests/support/page_client.lua" - >"$work/client.lua" <<END
run(function()
$1
end)
END
  "$NETMCU" --timeout $patience "$work/client.lua" "$port" "$key" || fail "the client"
}

# write_city: writes a scenario with a lamp and a hub, over a link that loses packets
write_city() {
  cat >lamp.lua <<'END'
gpio.mode(4, gpio.OUTPUT)
gpio.mode(3, gpio.INPUT, gpio.PULLUP)
print("boot", gpio.read(3))
net.createServer():listen(80, function(client)
  client:on("receive", function(c, data)
    gpio.write(4, tonumber(data))
    print("level", data, tmr.now(), tostring({}))
    c:send "ok"
  end)
end)
END
  cat >hub.lua <<'END'
local level = 0
tmr.create():alarm(5000, tmr.ALARM_AUTO, function()
  local c = net.createConnection()
  c:on("connection", function() level = 1 - level c:send(tostring(level)) end)
  c:on("receive", function() c:close() end)
  c:connect(80, "lamp")
end)
END
  cat >city.lua <<'END'
local sim = require "netmcu.sim"
local lamp = sim.host("lamp", {script = "lamp.lua"})
local hub = sim.host("hub", {script = "hub.lua", profile = "desktop"})
sim.link(lamp, hub, {latency = 20, jitter = 10, loss = 0.1})
sim.at(20 * sim.second, function() sim.partition(lamp) end)
sim.at(20 * sim.minute, sim.repair)
sim.at(40 * sim.minute, function() hub:crash() end)
sim.run(sim.hour)
print("done at", sim.now)
END
}
