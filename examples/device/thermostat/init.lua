-- A thermostat: a DS18B20 measures, a relay heats, and a web page shows and sets the temperature.
--
--   netmcu --page --map-port 80=8080 --part ds18b20,pin=4,temp=18 examples/device/thermostat
--   http://127.0.0.1:8080/                        sets the wanted temperature
--
-- The page of --page has a slider for the sensor, and shows the relay as the lamp of D5.

local SENSOR = 4
local RELAY = 5
local INTERVAL = 2000 -- ms
local HYSTERESIS = 0.5 -- °C

local target, now = 20, nil

gpio.mode(RELAY, gpio.OUTPUT)
gpio.write(RELAY, gpio.LOW)
ds18b20.setup(SENSOR)

local function control()
  if not now or now > target + HYSTERESIS then
    gpio.write(RELAY, gpio.LOW) -- without a sensor, better cold than on fire
  elseif now < target - HYSTERESIS then
    gpio.write(RELAY, gpio.HIGH)
  end
end

local function measure()
  local found
  ds18b20.read(function(_, _, _, temp)
    if temp < 85 then -- what it answers before its first measurement
      found = temp
    end
  end, {})
  -- A measurement takes up to 750 ms.
  tmr.create():alarm(INTERVAL / 2, tmr.ALARM_SINGLE, function()
    local before = now
    now = found
    control()
    if now ~= before then
      print(now or "no sensor", gpio.read(RELAY) == 1 and "heating" or "off")
    end
  end)
end

tmr.create():alarm(INTERVAL, tmr.ALARM_AUTO, measure)
measure()

local PAGE = [[<!DOCTYPE html>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Thermostat</title>
<h1>%s</h1>
<p>The heating is %s.</p>
<form action="/set"><label>Wanted <input name="target" value="%g" size="4"> &deg;C</label> <button>Set</button></form>
]]

local function page()
  return string.format(PAGE, now and string.format("%.1f &deg;C", now) or "no sensor",
    gpio.read(RELAY) == 1 and "on" or "off", target)
end

local function respond(sk, status, headers, body)
  sk:on("sent", function() sk:close() end)
  sk:send("HTTP/1.1 " .. status .. "\r\nConnection: close\r\n" .. headers .. "\r\n" .. body)
end

net.createServer(net.TCP, 10):listen(80, function(conn)
  conn:on("receive", function(sk, request)
    local path = request:match("^GET (%S+)")
    local wanted = path and tonumber(path:match("^/set%?target=([%d.]+)$"))
    if wanted and wanted >= 5 and wanted <= 30 then
      target = wanted
      control()
      respond(sk, "303 See Other", "Location: /\r\n", "")
    elseif path == "/" then
      respond(sk, "200 OK", "Content-Type: text/html\r\n", page())
    else
      respond(sk, "404 Not Found", "", "")
    end
  end)
end)
