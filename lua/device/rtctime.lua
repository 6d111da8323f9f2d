-- rtctime: the time of day. Until a script or sntp sets the clock, it is this machine's. Setting the
-- clock changes it for the script only.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"

-- --- the clock, for this module, sntp and cron ---

local clock = {}

-- The time was `base` µs since 1970 at `since` of the state's clock. Since then it passes evenly,
-- even if the machine's clock is set. `rate` is what it gains, in units of 2^-32.
local base, since, rate = host.clock(), host.now(), 0
local first_set -- the state's time when the clock was set for the first time
local watchers = {}

local function adjust(microseconds)
  return microseconds + math.floor(microseconds * (rate / 0x100000000))
end

function clock.now()
  return base + adjust(host.now() - since)
end

-- Returns the µs since the clock was set for the first time, or nil if it is not set.
function clock.age()
  return first_set and host.now() - first_set
end

-- Returns whether there is a time. Under strict, the machine's time does not count.
function clock.runs()
  return first_set ~= nil or not host.options().strict
end

-- `corrects` is true if the time of the clock was about right before.
function clock.set(microseconds, corrects)
  local is_first = not first_set
  base, since = microseconds, host.now()
  first_set = first_set or since
  for _, fn in ipairs(watchers) do
    fn(is_first, corrects)
  end
end

function clock.set_rate(new_rate)
  base, since = clock.now(), host.now()
  rate = argument.signed(new_rate)
end

-- Calls fn(is_first, corrects) each time the clock is set.
function clock.watch(fn)
  watchers[#watchers + 1] = fn
end

-- --- deep sleep ---

-- As on the device, only rtctime.dsleep keeps the time, in the first words of rtcmem.
local KEPT = 0x54494d45

local function sleep(microseconds)
  if first_set then
    local ahead = clock.now() - host.clock()
    require "netmcu.device.rtcmem".api.write32(0, KEPT, ahead, ahead >> 32, rate)
  end
  host.leave("sleep", math.max(1, microseconds))
end

local function restore()
  local rtcmem = require "netmcu.device.rtcmem".api
  local mark, low, high, kept_rate = rtcmem.read32(0, 4)
  if mark == KEPT then
    rtcmem.write32(0, 0)
    base, since, rate, first_set = base + (high << 32 | low & 0xffffffff), host.now(), kept_rate, 0
  end
end

if host.boot == "sleep" then
  restore()
end

-- --- the module ---

local rtctime = {}

local function is_missing(what)
  if first_set then
    return false
  elseif not clock.runs() then
    return true
  end
  argument.warn("rtctime.get", what .. " before the clock is set: the device has no time")
  return false
end

function rtctime.get()
  local now = is_missing "rtctime.get" and 0 or clock.now()
  return now // 1000000, now % 1000000, rate
end

-- As on the device, arguments that are not numbers are ignored.
function rtctime.set(seconds, microseconds, new_rate)
  if tonumber(seconds) then
    local time = (argument.integer(seconds, 1, "set") & 0xffffffff) * 1000000
    clock.set(time + argument.signed(argument.optional_integer(microseconds, 0)))
  end
  if tonumber(new_rate) then
    clock.set_rate(argument.integer(new_rate, 3, "set"))
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
  return adjust(argument.signed(argument.integer(microseconds, 1, "adjust_delta")))
end

local function check_option(option)
  if tonumber(option) and (tonumber(option) < 0 or tonumber(option) > 4) then
    argument.raise "unknown sleep option"
  end
end

function rtctime.dsleep(microseconds, option)
  microseconds = argument.integer(microseconds, 1, "dsleep")
  check_option(option)
  sleep(microseconds)
end

-- Wakes up at a multiple of `aligned` microseconds, after `minimum` at the earliest.
function rtctime.dsleep_aligned(aligned, minimum, option)
  if is_missing "rtctime.dsleep_aligned" then
    argument.raise "time not available, unable to align"
  end
  aligned = math.max(1, argument.integer(aligned, 1, "dsleep_aligned"))
  minimum = argument.integer(minimum, 2, "dsleep_aligned")
  check_option(option)
  local now = clock.now()
  local wake = (now + minimum + aligned - 1) // aligned * aligned
  sleep(wake - now)
end

return {api = rtctime, clock = clock}
