-- A web server for the files in flash. It sends them piece by piece, one piece after each "sent".
--
-- Run:  tools/run examples/device/web_server
-- Try:  http://127.0.0.1:8080/ in a browser, or
--       curl http://127.0.0.1:8080/status.json
--       curl 'http://127.0.0.1:8080/led?state=on'
-- The port is in config.lua.

local config = dofile("config.lua")

wifi.setmode(wifi.STATION)
wifi.sta.config({ssid = config.ssid, pwd = config.password, save = false})
wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(event)
  print("Connected, IP is " .. event.IP)
  require("httpd").start(config.port, config.chunk)
end)
