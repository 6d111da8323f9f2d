-- A lamp with a button and a web page, which tells a hub whenever it is switched.
dofile("config.lua")
require("lamp")
require("hub")
require("web")

gpio.mode(BUTTON, gpio.INT, gpio.PULLUP)
gpio.trig(BUTTON, "down", function() lamp.set(not lamp.on) end)
lamp.changed = hub.tell
