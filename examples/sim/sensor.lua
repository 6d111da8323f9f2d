-- Reports a reading to the broker each minute, and comes back if the connection breaks.

id = string.format("%06x", node.chipid())
local client = mqtt.Client(id, 120)
local online = false

local function connect()
  client:connect("broker", 1883, false, function() online = true end, function()
    tmr.create():alarm(30000, tmr.ALARM_SINGLE, connect)
  end)
end

client:on("offline", function()
  online = false
  tmr.create():alarm(30000, tmr.ALARM_SINGLE, connect)
end)

function client_is_online()
  return online
end

-- Not all sensors report in the same second.
tmr.create():alarm(node.random(1, 60000), tmr.ALARM_SINGLE, function()
  connect()
  tmr.create():alarm(60000, tmr.ALARM_AUTO, function()
    if online then
      client:publish("sensor/" .. id, tostring(adc.read(0)), 0, 0)
    end
  end)
end)
