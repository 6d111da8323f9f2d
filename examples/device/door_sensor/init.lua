-- A door sensor that sleeps: a contact at the door, which resets the chip when it opens or closes.
-- After a reset, and every half hour, the script reports the state if it has changed, and sleeps.
--
--   printf 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' | nc -l 8000      shows the report
--   netmcu examples/device/door_sensor            in another terminal: reports, and sleeps

local HUB = "http://127.0.0.1:8000/door"
local CONTACT = 1 -- connected to ground while the door is closed
local SLEEP = 1800 * 1000000 -- µs
local MAGIC = 0x646f6f72 -- after power was off, the memory contains anything

gpio.mode(CONTACT, gpio.INPUT, gpio.PULLUP)
local is_open = gpio.read(CONTACT)

local magic, reported, count = rtcmem.read32(10, 3)
if magic ~= MAGIC then
  reported, count = -1, 0
end
count = count + 1

local function sleep()
  rtcmem.write32(10, MAGIC, reported, count)
  print("sleeping")
  node.dsleep(SLEEP)
end

local function report()
  local body = sjson.encode {door = is_open == 1 and "open" or "closed", boots = count}
  http.post(HUB, "Content-Type: application/json\r\n", body, function(status)
    print("reported, status " .. status)
    if status == 200 then
      reported = is_open
    end
    sleep()
  end)
end

if is_open == reported then
  sleep()
elseif wifi.sta.getip() then
  report()
else
  wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, report)
  tmr.create():alarm(20000, tmr.ALARM_SINGLE, sleep) -- no network: tries again after the sleep
end
