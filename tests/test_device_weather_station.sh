#!/bin/sh
# The weather station of the examples, with mosquitto: what it measures is on the display and at the
# broker, which is away at first.
. "$NETMCU_SOURCE/tests/support/shell.sh"
need mosquitto mosquitto_sub

port=$(free_port)
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" >"$work/mosquitto.conf"
printf 'time,temp,humidity,pressure\n0,21.53,48,980\n' >"$work/day.csv"
device weather_station
set_in "$work/weather_station/init.lua" PORT "$port"
set_in "$work/weather_station/init.lua" INTERVAL 100

start station "$NETMCU" --part "bme280,csv=$work/day.csv" "$work/weather_station"
station=$process
wait_for station '21.5 C	48 %	1018.0 hPa'
start broker mosquitto -c "$work/mosquitto.conf" -v
wait_for broker running
start watcher mosquitto_sub -h 127.0.0.1 -p "$port" -t 'station/#' -v
wait_for watcher 'station/weather {'
has 'the message' '"temp":21.53' "$(cat "$work/watcher.log")"
grep -qE '"humidity":48[.,}]' "$work/watcher.log" || fail 'the humidity'
grep -qE '"pressure":(979\.99|980)' "$work/watcher.log" || fail 'the pressure'
stop "$station"

# The display, and a sensor that does not answer
cat >"$work/display_test.lua" <<'TEST'
local netmcu = require "netmcu"
netmcu.connect_fails("127.0.0.1")
local display = netmcu.part "ssd1306"
local sensor = netmcu.part("bme280", {temp = -3.25})

local function shows(text)
  return netmcu.wait(function()
    for _, drawn in ipairs(display:texts()) do
      if drawn.text == text then
        return true
      end
    end
  end)
end

netmcu.test("the display shows the weather", function()
  netmcu.script "init.lua"
  assert(shows "Temp     -3.2 C" and shows "Humidity 50 %" and shows "no broker")
end)

netmcu.test("it follows the weather, and waits for a sensor that fails", function()
  sensor:set {failing = "silent"}
  netmcu.run(250)
  sensor:set {failing = false, temp = 30}
  assert(shows "Temp     30.0 C")
end)
TEST
"$NETMCU" --timeout "$patience" --root "$work/weather_station" --test "$work/display_test.lua" \
  >"$work/display.log" 2>&1 || fail 'the display'
