-- A web IDE in the style of older firmware: lists the files in flash, uploads by POST, edits, runs,
-- deletes. Everything is global, and the file functions work on the current file. A request may
-- arrive in many pieces.
--
-- Run:  tools/run examples/device/web_ide       (better in a copy: it changes its folder)
-- Try:  http://127.0.0.1:8266/ in a browser, or
--       curl --data-binary @blink.lua 'http://127.0.0.1:8266/upload?name=blink.lua'
--       curl 'http://127.0.0.1:8266/run?name=blink.lua'

PORT = 8266

function startServer()
  print("IP: " .. wifi.sta.getip())
  print("Heap: " .. node.heap())
  dofile("ide.lua")
  collectgarbage()
end

wifi.setmode(wifi.STATION)
wifi.sta.config("home", "secret")

tmr.alarm(1, 200, 1, function()
  if wifi.sta.getip() == nil then
    print("Waiting for IP...")
  else
    tmr.stop(1)
    startServer()
  end
end)
