-- A device script that publishes messages of 64 bytes, one after another, as the module mqtt does.
--
--   mqtt_device.lua PORT QOS COUNT
local port, qos, count = ...
port, qos, count = tonumber(port), tonumber(qos), tonumber(count)

local message = ("x"):rep(64)
local client = mqtt.Client("bench", 60)

local function publish_next()
  count = count - 1
  if count < 0 then
    client:close()
  else
    client:publish("bench", message, qos, 0, publish_next)
  end
end

client:connect("127.0.0.1", port, false, publish_next, function(_, reason)
  error("no connection: " .. reason)
end)
