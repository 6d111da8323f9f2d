#!/bin/sh
# A boot starts without an address, and gets one as an event a moment later; so does every restart. A script that is named
# starts connected.
. "$NETMCU_SOURCE/tests/support/shell.sh"
cd "$work" || exit 1
mkdir flash

# run ARGUMENT...: what the script prints is in $out
run() {
  "$NETMCU" --timeout $patience "$@" >out 2>err || fail "$*: status $?: $(cat out err)"
  out=$(cat out)
}

cat >flash/init.lua <<'END'
local function show(what)
  print(what, wifi.sta.status(), wifi.sta.getip() ~= nil)
end
show "start"
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(event)
  show "got ip"
  if event.IP == wifi.sta.getip() and select(2, node.bootreason()) == 0 then
    node.restart()
  end
end)
wifi.eventmon.register(wifi.eventmon.STA_CONNECTED, function() show "connected" end)
END
boot="start	1	false
connected	1	false
got ip	5	true"
run --wifi-delay 1000 flash
same "a boot and a restart" "$boot
$boot" "$out"
run --once flash/init.lua
same "a script that is named" "start	5	true
connected	5	true
got ip	5	true" "$out"

# The delay begins with the boot, not with the first use of the module, and a configuration begins another one.
cat >flash/init.lua <<'END'
local began, least = tmr.now(), 100
local function elapsed()
  return (tmr.now() - began) // 1000
end
tmr.delay(100000)
print(wifi.sta.status())
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
  print(elapsed() >= least, wifi.sta.getconfig())
  if wifi.sta.getconfig() == "netmcu" then
    began, least = tmr.now(), 999
    wifi.sta.config {ssid = "attic", pwd = "a-password"}
    print(wifi.sta.status(), wifi.sta.getip())
  end
end)
END
run --wifi-delay 1000 flash
same "--wifi-delay 1000" "1
true	netmcu	
1	nil
true	attic	a-password" "$(echo "$out" | sed 's/	0	[^	]*$//')"
run --wifi-delay 50 flash
same "a module that is first used after the delay" "5" "$(echo "$out" | head -n 1)"
run --wifi-delay 0 flash
same "--wifi-delay 0" "5" "$(echo "$out" | head -n 1)"

# A loop that waits for the address without returning. The events follow when the script returns.
cat >flash/init.lua <<'END'
local loops = 0
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(event)
  print(event.IP == wifi.sta.getip())
end)
wifi.sta.config("home", "secret99")
while wifi.sta.getip() == nil do
  tmr.delay(10000)
  loops = loops + 1
end
print(loops > 1, wifi.sta.status())
END
run --wifi-delay 500 flash
same "a loop that waits" "true	5
true" "$out"

# Polling, as many scripts do.
cat >flash/init.lua <<'END'
wifi.setmode(wifi.STATION)
wifi.sta.config("home", "secret99")
local polls = 0
tmr.alarm(1, 5, 1, function()
  polls = polls + 1
  if wifi.sta.getip() then
    tmr.stop(1)
    print(polls > 1, wifi.sta.status())
  end
end)
END
run --wifi-delay 500 flash
same "polling" "true	5" "$out"

# A network that is stored survives a restart, so that a script which sets one up does so once.
cat >flash/init.lua <<'END'
local ssid, password = wifi.sta.getconfig()
print(ssid, password)
if ssid == "netmcu" then
  wifi.sta.config {ssid = "home", pwd = "secret99"}
  wifi.sta.config {ssid = "hall", pwd = "not to be kept", save = false}
  wifi.sta.autoconnect(1) -- stores this, and nothing else
  assert(wifi.sta.getdefaultconfig() == "home" and wifi.sta.getconfig() == "hall")
  node.restart()
elseif ssid == "home" then
  wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function()
    wifi.sta.clearconfig()
    node.restart()
  end)
else
  tmr.create():alarm(20, tmr.ALARM_SINGLE, function() print(wifi.sta.status(), wifi.sta.getip()) end)
end
END
run --wifi-delay 1 flash
same "a stored network" "netmcu	
home	secret99
	
0	nil" "$out"

# So do the mode and the settings of the access point.
cat >flash/init.lua <<'END'
local function show()
  local ap = wifi.ap.getconfig(true)
  print(wifi.getmode(), wifi.getdefaultmode(), ap.ssid, ap.pwd, ap.auth, ap.channel, ap.hidden, ap.max, ap.beacon,
    (wifi.ap.getdefaultconfig()), wifi.ap.getip() ~= nil, wifi.sta.status() > 0)
end
show()
if select(2, node.bootreason()) == 0 then
  wifi.setmode(wifi.SOFTAP)
  wifi.setmode(wifi.STATIONAP, false)
  wifi.ap.config {ssid = "kitchen", pwd = "password", channel = 11, hidden = true, max = 2, beacon = 500}
  wifi.ap.config {ssid = "cellar", save = false}
  show()
  node.restart()
elseif wifi.getmode() == wifi.SOFTAP then
  wifi.sta.config {ssid = "home"}
  node.restore()
  wifi.sta.autoconnect(1) -- does not bring this network back
  node.restart()
else
  print((wifi.sta.getconfig()))
end
END
run --wifi-delay 0 flash
own=$(echo "$out" | sed -n '1s/.*\(NODE_[0-9A-F]*\).*/\1/p')
same "a stored mode and access point" "1	1	$own	nil	0	6	false	4	100	$own	false	true
3	2	cellar	nil	0	6	false	4	100	kitchen	true	true
2	2	kitchen	password	4	11	true	2	500	kitchen	true	false
1	1	$own	nil	0	6	false	4	100	$own	false	true
netmcu" "$out"
