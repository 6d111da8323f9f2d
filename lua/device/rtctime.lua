-- rtctime: the time of day. It is this machine's from the start, so that a script need not wait for SNTP; set()
-- moves it for the script alone.

local host = require "netmcu.host"

local rtctime = {}
local rate = 0

-- Microseconds since 1970 when this state began. The time goes on evenly, whatever the machine's clock is set to.
local offset = require "netmcu.clock"() - host.now()

function rtctime.get()
  local now = offset + host.now()
  return now // 1000000, now % 1000000, rate
end

function rtctime.set(seconds, microseconds, new_rate)
  rate = new_rate or rate
  if seconds then
    offset = math.floor(seconds * 1000000 + (microseconds or 0)) - host.now()
  end
end

function rtctime.epoch2cal(timestamp)
  local seconds = tonumber(timestamp)
  if not seconds then
    error("bad argument #1 to 'epoch2cal' (number expected, got " .. type(timestamp) .. ")", 2)
  end
  local time = os.date("!*t", math.floor(seconds))
  return {
    year = time.year, mon = time.month, day = time.day, hour = time.hour, min = time.min, sec = time.sec,
    yday = time.yday, wday = time.wday,
  }
end

function rtctime.adjust_delta(microseconds)
  return microseconds
end

function rtctime.dsleep(us, option)
  host.leave("sleep", math.max(1, math.floor(us)))
end

function rtctime.dsleep_aligned(aligned, minimum, option)
  local seconds, microseconds = rtctime.get()
  local now = seconds * 1000000 + microseconds
  local wake = (now + minimum + aligned - 1) // aligned * aligned
  rtctime.dsleep(wake - now, option)
end

return {api = rtctime}
