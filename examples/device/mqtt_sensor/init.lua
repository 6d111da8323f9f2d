-- A sensor that reports its reading to a broker, with the modules mqtt and tls.
--
--   netmcu examples/device/mqtt_sensor
--   mosquitto_sub -t 'sensor/#' -v                       shows the readings and whether it is online
--   mosquitto_pub -t sensor/adc/interval -m 2000         a reading every 2 s
--   mosquitto_pub -t sensor/adc/interval -m 0            ends the program
--
-- With SECURE = true, the connection uses TLS, and the file ca.pem is the certificate of the
-- authority that the broker's certificate must come from.

local HOST = "127.0.0.1"
local PORT = 1883
local SECURE = false
local USER, PASSWORD = nil, nil
local RETRY = 5000 -- ms

local client = mqtt.Client("sensor_" .. node.chipid(), 30, USER, PASSWORD)
local ticker, retry = tmr.create(), tmr.create()
local waiting, finished = 0, false

client:lwt("sensor/adc/status", "offline", 1, 1)

-- The client has one callback for the acknowledgements of all messages.
local function on_acknowledged()
  print("reported")
  waiting = waiting - 1
  if finished and waiting == 0 then
    client:close()
  end
end

local function publish(topic, message, retain)
  if client:publish(topic, message, 1, retain, on_acknowledged) then
    waiting = waiting + 1
  else
    print("the broker is too slow")
  end
end

local function report()
  publish("sensor/adc", adc.read(0), 0)
end

local function on_connect()
  print("connected")
  client:subscribe("sensor/adc/interval", 1, function()
    publish("sensor/adc/status", "online", 1)
    report()
    ticker:alarm(10000, tmr.ALARM_AUTO, report)
  end)
end

local connect

-- A connection that breaks may report both a reason and "offline", so there is one timer for both.
local function connect_later()
  retry:alarm(RETRY, tmr.ALARM_SINGLE, connect)
end

function connect()
  client:connect(HOST, PORT, SECURE, on_connect, function(_, reason)
    print("no connection, reason " .. reason)
    connect_later()
  end)
end

client:on("message", function(_, topic, interval)
  print(topic .. " is now " .. interval)
  if tonumber(interval) > 0 then
    ticker:interval(tonumber(interval))
  else
    finished = true
    ticker:stop()
    publish("sensor/adc/status", "finished", 1)
  end
end)

client:on("offline", function()
  print("offline")
  ticker:stop()
  if not finished then
    connect_later()
  end
end)

if SECURE then
  tls.cert.verify(file.getcontents("ca.pem"))
end
connect()
