#!/bin/sh
# The door sensor of the examples: boots after each change of the door and after each sleep, and
# reports to a hub only what is new. A hub that is away gets the report after the next sleep.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/door_test.lua" <<'TEST'
local netmcu = require "netmcu"

local told, answer = {}, "200 OK"
local hub = net.createServer()
hub:listen(0, "127.0.0.1", function(conn)
  conn:on("receive", function(c, request)
    told[#told + 1] = request:match("{.*}")
    c:send("HTTP/1.1 " .. answer .. "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
  end)
end)
netmcu.resolve("127.0.0.1:8000=127.0.0.1:" .. hub:getaddr())

-- A boot, until the sensor sleeps, which it counts. Returns what the hub was told.
local boots = 0
local function boot(level)
  netmcu.gpio.set(1, level)
  told, boots = {}, boots + 1
  netmcu.script("init.lua")
  assert(netmcu.wait(function() return rtcmem.read32(12) == boots end), "it does not sleep")
  return table.concat(told)
end

netmcu.test("it reports what is new, and sleeps", function()
  local report = sjson.decode(boot(0))
  assert(report.door == "closed" and report.boots == 1)
end)

netmcu.test("nothing new is not reported", function()
  assert(boot(0) == "")
  local reason, us = netmcu.left()
  assert(reason == "sleep" and us == 1800000000)
end)

netmcu.test("an open door is reported", function()
  assert(boot(1):find '"door":"open"')
  assert(boot(1) == "")
end)

netmcu.test("a hub that fails is told again", function()
  answer = "503 Service Unavailable"
  assert(boot(0):find '"door":"closed"')
  netmcu.connect_fails("127.0.0.1", 8000)
  assert(boot(0) == "")
  netmcu.fault()
  answer = "200 OK"
  assert(boot(0):find '"door":"closed"')
  assert(boot(0) == "")
  hub:close()
end)
TEST
"$NETMCU" --timeout "$patience" --root "$NETMCU_SOURCE/examples/device/door_sensor" --test "$work/door_test.lua" \
  >"$work/door.log" 2>&1 || fail 'the door sensor'

# As a user runs it: the contact is open, the hub is away, and the first sleep is short.
device door_sensor
port=$(free_port)
sed "s/:8000/:$port/; s/1800 \* 1000000/50000/" "$work/door_sensor/init.lua" >"$work/init.lua"
mv "$work/init.lua" "$work/door_sensor/init.lua"
start sensor "$NETMCU" "$work/door_sensor"
sensor=$process
wait_for sensor 'reported, status -1'
cat >"$work/hub.lua" <<'HUB'
net.createServer():listen((...), "127.0.0.1", function(sk)
  sk:on("receive", function(_, request)
    print(request)
    sk:send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
  end)
end)
HUB
start hub "$NETMCU" "$work/hub.lua" "$port"
wait_for hub '"door":"open"'
wait_for sensor 'reported, status 200'
stop "$sensor"
