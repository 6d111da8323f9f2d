-- rtctime: the time of day. Until a script or sntp sets the clock, it is this machine's. Setting
-- the clock changes it for the script only.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"

-- --- the clock, for this module, sntp and cron ---

local clock = {}

-- The time was `base` µs since 1970 at `since` of the state's clock. Since then it passes evenly,
-- even if the machine's clock is set. `rate` is what it gains, in units of 2^-32.
--
-- As on the device, the clock does not go back. If it is set to an earlier time, it is ahead of
-- that time by `lead` µs, and makes this up by running slower. The device counts the lead in 32
-- bits.
local base, since, rate, lead = host.clock(), host.now(), 0, 0
local MOST_LEAD, SLOWER = 4294967295, 16 -- µs; the part of the time that passes
local first_set -- the state's time when the clock was set for the first time
local watchers = {}

local function adjust(microseconds)
  return microseconds + math.floor(microseconds * (rate / 0x100000000))
end

local function time_set()
  return base + adjust(host.now() - since)
end

local function lead_left()
  return math.max(0, lead - (host.now() - since) // SLOWER)
end

function clock.now()
  return time_set() + lead_left()
end

-- Returns the µs since the clock was set for the first time, or nil if it is not set.
function clock.age()
  return first_set and host.now() - first_set
end

-- Returns whether there is a time. Under strict, the machine's time does not count.
function clock.runs()
  return first_set ~= nil or not host.options().strict
end

function clock.set(microseconds)
  local is_first = not first_set
  local ahead = is_first and 0 or clock.now() - microseconds
  base, since, lead = microseconds, host.now(), math.max(0, math.min(ahead, MOST_LEAD))
  first_set = first_set or since
  for _, fn in ipairs(watchers) do
    fn(is_first)
  end
end

function clock.set_rate(new_rate)
  base, since, lead = time_set(), host.now(), lead_left()
  rate = argument.signed(new_rate)
end

-- Calls fn(is_first) each time the clock is set.
function clock.watch(fn)
  watchers[#watchers + 1] = fn
end

-- --- deep sleep ---

-- As on the device, only rtctime.dsleep keeps the time, in the first words of rtcmem. A lead of the
-- clock makes the sleep longer.
local KEPT = 0x54494d45

local function sleep(microseconds)
  if first_set then
    local ahead = time_set() - host.clock()
    require "netmcu.device.rtcmem".api.write32(0, KEPT, ahead, ahead >> 32, rate)
  end
  host.leave("sleep", math.max(1, microseconds + lead_left()))
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
  return now // 1000000 & 0xffffffff, now % 1000000, rate
end

-- As on the device, arguments that are not numbers are ignored.
function rtctime.set(seconds, microseconds, new_rate)
  if tonumber(seconds) then
    local time = (argument.integer(seconds, 1, "set") & 0xffffffff) * 1000000
    clock.set(time + (argument.optional_integer(microseconds, 0) & 0xffffffff))
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
