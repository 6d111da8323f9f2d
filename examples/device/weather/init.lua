-- Shows the weather every ten minutes, with the modules http, tls and sjson.
--
-- Run:  tools/run examples/device/weather
--
-- The service is free and needs no key. Its certificate is checked if the file ca.pem contains the
-- certificate of the authority that it comes from.

local URL = "https://api.open-meteo.com/v1/forecast?latitude=52.52&longitude=13.41"
  .. "&current=temperature_2m,wind_speed_10m"
local PERIOD = 600000 -- ms
local RETRY = 10000

local timer = tmr.create()

local function show(answer)
  local now = answer.current
  print(string.format("%s: %.1f C, wind %.1f km/h", now.time, now.temperature_2m, now.wind_speed_10m))
end

local function ask()
  http.get(URL, "Accept: application/json\r\n", function(status, body)
    local ok, answer = pcall(sjson.decode, body or "")
    if status == 200 and ok and answer.current then
      show(answer)
      timer:alarm(PERIOD, tmr.ALARM_SINGLE, ask)
    else
      print("no weather, status " .. status)
      timer:alarm(RETRY, tmr.ALARM_SINGLE, ask)
    end
  end)
end

if file.exists("ca.pem") then
  tls.cert.verify(file.getcontents("ca.pem"))
end
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, ask)
