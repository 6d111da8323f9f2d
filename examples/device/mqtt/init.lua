-- A switch on MQTT: publishes its state, obeys orders, and reconnects if the broker was away.
--
-- Run:  tools/run examples/device/mqtt       while mosquitto or examples/device/mqtt_broker runs
-- Try:  mosquitto_sub -t 'switch/#' -v
--       mosquitto_pub -t switch/set -m on        or off, "large 30000", quit

local broker, port = "127.0.0.1", 1883
local PIN = 1

local client = require("mqtt_client").Client("switch-" .. node.chipid(), 2)

local function tell()
  client:publish("switch/state", gpio.read(PIN) == gpio.HIGH and "on" or "off", 1, 1, function()
    print("state is with the broker")
  end)
end

local orders = {}

function orders.on() gpio.write(PIN, gpio.HIGH) tell() end
function orders.off() gpio.write(PIN, gpio.LOW) tell() end
function orders.large(size) client:publish("switch/large", ("x"):rep(tonumber(size)), 0, 0) end
function orders.quit() client:close() end

client:on("connect", function(c)
  print("connected")
  c:subscribe("switch/set", 1, function()
    print("subscribed")
    tell()
  end)
end)

client:on("message", function(_, topic, payload)
  print(topic, #payload < 100 and payload or #payload)
  local verb, rest = payload:match("^(%a+) ?(.*)")
  if orders[verb] then
    orders[verb](rest)
  end
end)

client:on("pong", function() print("pong") end)

client:on("refused", function(_, code) print("refused: " .. code) end)

client:on("offline", function(c, code)
  print("offline (" .. code .. "), again in a second")
  tmr.create():alarm(1000, tmr.ALARM_SINGLE, function() c:connect(broker, port) end)
end)

gpio.mode(PIN, gpio.OUTPUT)
gpio.write(PIN, gpio.LOW)
client:connect(broker, port)
