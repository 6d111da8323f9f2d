-- A weather station: a BME280 and an OLED display on I²C, and MQTT.
--
--   mosquitto                                     the broker, in another terminal
--   mosquitto_sub -t 'station/#' -v               shows the reports
--   netmcu --page --part bme280,temp=21.5,humidity=48 examples/device/weather_station
--
-- The page shows the display, and changes the weather.

local BROKER = "127.0.0.1"
local PORT = 1883
local INTERVAL = 10000 -- ms
local ALTITUDE = 320 -- m
local SDA, SCL = 2, 1

i2c.setup(0, SDA, SCL, i2c.SLOW)
bme280.setup()
local display = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c)
display:setFont(u8g2.font_6x10_tf)

local client = mqtt.Client("station_" .. node.chipid(), 60)
local online = false

client:lwt("station/status", "offline", 1, 1)

local function show(temp, humidity, pressure)
  display:clearBuffer()
  display:drawStr(0, 10, "Temp     " .. temp)
  display:drawStr(0, 25, "Humidity " .. humidity)
  display:drawStr(0, 40, "Pressure " .. pressure)
  display:drawStr(0, 60, online and "online" or "no broker")
  display:sendBuffer()
end

local function measure()
  local t, p, h, qnh = bme280.read(ALTITUDE)
  if not t then
    print("no sensor")
    return
  end
  local temp = string.format("%.1f C", t / 100)
  local humidity = string.format("%.0f %%", h / 1000)
  local pressure = string.format("%.1f hPa", qnh / 1000)
  print(temp, humidity, pressure)
  show(temp, humidity, pressure)
  if online then
    client:publish("station/weather", sjson.encode {temp = t / 100, humidity = h / 1000, pressure = p / 1000}, 0, 0)
  end
end

local connect

local function connect_later()
  online = false
  tmr.create():alarm(INTERVAL, tmr.ALARM_SINGLE, connect)
end

function connect()
  client:connect(BROKER, PORT, false, function()
    online = true
    client:publish("station/status", "online", 1, 1)
    measure()
  end, connect_later)
end

client:on("offline", connect_later)

-- The sensor takes 0.1 s for its first measurement.
tmr.create():alarm(200, tmr.ALARM_SINGLE, function()
  measure()
  connect()
end)
tmr.create():alarm(INTERVAL, tmr.ALARM_AUTO, measure)
