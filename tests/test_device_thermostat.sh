#!/bin/sh
# The thermostat of the examples, in virtual time: the relay follows the temperature and the web
# page, and is off without a sensor.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/thermostat_test.lua" <<'TEST'
local netmcu = require "netmcu"

local sensor = netmcu.part("ds18b20", {pin = 4, temp = 18})
local device = netmcu.script "init.lua"

local function get(path)
  local answer, over = "", false
  local sk = net.createConnection()
  sk:on("connection", function() sk:send("GET " .. path .. " HTTP/1.1\r\n\r\n") end)
  sk:on("receive", function(_, data) answer = answer .. data end)
  sk:on("disconnection", function() over = true end)
  sk:connect(device:port(80), "127.0.0.1")
  assert(netmcu.wait(function() return over end), "no answer to " .. path)
  return answer
end

local function relay_becomes(level)
  return netmcu.wait(function() return netmcu.gpio.read(5) == level end)
end

netmcu.test("it heats while it is cold", function()
  assert(netmcu.gpio.read(5) == 0 and relay_becomes(1))
  local page = get "/"
  assert(page:find("18.0 &deg;C", 1, true) and page:find("heating is on", 1, true), page)
end)

netmcu.test("it stops when it is warm, and not before", function()
  sensor:set {temp = 20.25}
  netmcu.run(5000)
  assert(netmcu.gpio.read(5) == 1)
  sensor:set {temp = 20.75}
  assert(relay_becomes(0))
  sensor:set {temp = 19.75}
  netmcu.run(5000)
  assert(netmcu.gpio.read(5) == 0)
end)

netmcu.test("the page sets the temperature", function()
  assert(get("/set?target=22.5"):find "^HTTP/1.1 303 ")
  assert(netmcu.gpio.read(5) == 1 and get("/"):find('value="22.5"', 1, true))
  assert(get("/set?target=99"):find "^HTTP/1.1 404 " and get("/set?target=x"):find "^HTTP/1.1 404 ")
  assert(get("/"):find('value="22.5"', 1, true))
end)

netmcu.test("without a sensor, it does not heat", function()
  sensor:set {failing = "silent"}
  assert(relay_becomes(0) and get("/"):find "no sensor")
  sensor:set {failing = false}
  assert(relay_becomes(1))
end)
TEST
"$NETMCU" --sim --root "$NETMCU_SOURCE/examples/device/thermostat" --test "$work/thermostat_test.lua" \
  >"$work/thermostat.log" 2>&1 || fail 'the thermostat'
