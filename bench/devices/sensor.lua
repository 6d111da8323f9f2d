-- Reports a reading to the broker each minute, by MQTT.

id = string.format("%06x", node.chipid())
local client = mqtt.Client(id, 120)

tmr.create():alarm(node.random(1, 60000), tmr.ALARM_SINGLE, function()
  client:connect("broker", 1883)
  tmr.create():alarm(60000, tmr.ALARM_AUTO, function()
    client:publish("sensor/" .. id, "temperature 21.5 C", 0, 0)
  end)
end)
