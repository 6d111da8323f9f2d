-- A clock on a ring of 60 LEDs: hours are red, minutes green, seconds blue. The time comes from
-- SNTP.
--
--   netmcu --page examples/device/strip_clock     the page shows the LEDs

local SERVER = "pool.ntp.org"
local OFFSET = 3600 -- seconds from UTC to the local time
local LEDS = 60
local BRIGHTNESS = 40

ws2812.init()
local strip = ws2812.newBuffer(LEDS, 3) -- green, red, blue

local function add(led, green, red, blue)
  local g, r, b = strip:get(led + 1)
  strip:set(led + 1, math.max(g, green), math.max(r, red), math.max(b, blue))
end

local function show()
  local seconds, microseconds = rtctime.get()
  local time = rtctime.epoch2cal(seconds + OFFSET)
  strip:fill(0, 0, 0)
  for mark = 0, LEDS - 1, 5 do
    add(mark, 1, 1, 1)
  end
  add(time.hour % 12 * 5 + math.floor(time.min / 12), 0, BRIGHTNESS, 0)
  add(time.min, BRIGHTNESS, 0, 0)
  add(time.sec, 0, 0, BRIGHTNESS)
  ws2812.write(strip)
  -- Shows the time again at the next second.
  tmr.create():alarm(1000 - math.floor(microseconds / 1000), tmr.ALARM_SINGLE, show)
end

-- Shows a blue dot until the time is known.
strip:fill(0, 0, 0)
strip:set(1, 0, 0, BRIGHTNESS)
ws2812.write(strip)

local is_running = false

sntp.sync(SERVER, function(seconds)
  print("the time is " .. seconds)
  if not is_running then
    is_running = true
    show()
  end
end, function(reason)
  print("no time, reason " .. reason)
end, true)
