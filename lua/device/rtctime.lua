-- rtctime: the time of day. It is this machine's from the start, so that a script need not wait for
-- SNTP. set() changes it for the script only.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"

local rtctime = {}
local rate = 0

-- Microseconds since 1970 when this state began. From then on the time passes evenly, even if the
-- machine's clock is set.
local offset = require "netmcu.clock"() - host.now()

function rtctime.get()
  local now = offset + host.now()
  return now // 1000000, now % 1000000, rate
end

-- As on the device, arguments that are not numbers are ignored.
function rtctime.set(seconds, microseconds, new_rate)
  if tonumber(seconds) then
    local time = argument.integer(seconds, 1, "set") * 1000000
    offset = time + (tonumber(microseconds) and argument.integer(microseconds, 2, "set") or 0) - host.now()
  end
  if tonumber(new_rate) then
    rate = argument.integer(new_rate, 3, "set")
  end
end

local LAST = 4294967295 -- seconds that 32 bits count

function rtctime.epoch2cal(timestamp)
  local seconds = argument.integer(timestamp, 1, "epoch2cal")
  argument.check(seconds >= 0 and seconds <= LAST, 1, "epoch2cal", "wrong arg range")
  local time = os.date("!*t", seconds)
  return {
    year = time.year, mon = time.month, day = time.day, hour = time.hour, min = time.min, sec = time.sec,
    yday = time.yday, wday = time.wday,
  }
end

function rtctime.adjust_delta(microseconds)
  return argument.integer(microseconds, 1, "adjust_delta")
end

local function check_option(option)
  if tonumber(option) and (tonumber(option) < 0 or tonumber(option) > 4) then
    argument.raise "unknown sleep option"
  end
end

local function sleep(microseconds)
  host.leave("sleep", math.max(1, microseconds))
end

function rtctime.dsleep(microseconds, option)
  microseconds = argument.integer(microseconds, 1, "dsleep")
  check_option(option)
  sleep(microseconds)
end

function rtctime.dsleep_aligned(aligned, minimum, option)
  aligned = math.max(1, argument.integer(aligned, 1, "dsleep_aligned"))
  minimum = argument.integer(minimum, 2, "dsleep_aligned")
  check_option(option)
  local now = offset + host.now()
  local wake = (now + minimum + aligned - 1) // aligned * aligned
  sleep(wake - now)
end

return {api = rtctime}
