-- cron: calls functions at the minutes that their masks name, in UTC by rtctime.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local clock = require "netmcu.device.rtctime".clock
local tmr = require "tmr"

local cron = {}
local Entry = {__name = "cron.entry"}
Entry.__index = Entry

-- --- masks ---

-- The fields of a mask, in order, with their lowest and highest values.
local fields = {{"min", 0, 59}, {"hour", 0, 23}, {"day", 1, 31}, {"month", 1, 12}, {"weekday", 0, 6}}

local function fail(format, ...)
  argument.raise("invalid spec (" .. string.format(format, ...) .. ")")
end

-- Reads a number as C's strtol does: the result is 0 without digits, and a number that does not fit
-- 32 bits becomes the nearest one that does. Also returns the position after the number.
local function read_number(text, at)
  local digits, after = string.match(text, "^%s*([+-]?%d+)()", at)
  if not digits then
    return 0, at
  end
  return math.max(-0x80000000, math.min(0x7fffffff, tonumber(digits))), after
end

local function read_step(text, at, low, high)
  if string.sub(text, at, at) ~= "/" then
    return 1, at
  end
  local step, after = read_number(text, at + 1)
  if step <= 0 or step >= high - low then
    fail("each %d", step)
  end
  return step, after
end

-- Reads "*", "*/5" or "1,2,3". Returns a set of values and the position after the field.
local function read_field(text, at, low, high)
  local values = {}
  at = string.match(text, "^[ \t]*()", at)
  if string.sub(text, at, at) == "*" then
    local step, after = read_step(text, at + 1, low, high)
    for i = low, high, step do
      values[i] = true
    end
    return values, after
  end
  repeat
    local value
    value, at = read_number(text, at)
    if value < low or value > high then
      fail("val %d out of range %d..%d", value, low, high)
    end
    values[value] = true
    at = at + 1
  until string.sub(text, at - 1, at - 1) ~= ","
  return values, at - 1
end

local function parse(text)
  local mask, at = {}, 0
  for _, field in ipairs(fields) do
    if at > 0 and not string.find(text, "^[ \t]", at) then
      fail("separator @%d", at - 1)
    end
    mask[field[1]], at = read_field(text, at + 1, field[2], field[3])
  end
  at = string.match(text, "^[ \t]*()", at)
  if at <= #text then
    fail("trailing @%d", at - 1)
  end
  return mask
end

local function matches(mask, time)
  for name, values in pairs(mask) do
    if not values[time[name]] then
      return false
    end
  end
  return true
end

-- --- time ---

local MINUTE = 60000000 -- µs
local EARLY = 100000    -- µs by which a timer may be early

local entries = {}
local timer
local handled -- the minute whose jobs have run

local run

-- Waits for the next minute, or for `ms` if given. Under strict there may be no time to wait for.
local function arm(ms)
  if #entries == 0 or not clock.runs() then
    return timer:unregister()
  end
  timer:alarm(ms or (MINUTE - clock.now() % MINUTE) // 1000 + 1, tmr.ALARM_SINGLE, run)
end

local function call(entry)
  if not clock.age() then
    host.warn("cron", "a job of cron runs before the clock is set: the device waits until it is", 0)
  end
  entry.fn(entry)
end

function run()
  local minute = (clock.now() + EARLY) // MINUTE
  arm()
  if minute == handled then
    return
  end
  handled = minute
  local time = os.date("!*t", minute * 60)
  time.weekday = time.wday - 1
  for _, entry in ipairs {table.unpack(entries)} do
    if entry.is_scheduled and matches(entry.mask, time) then
      call(entry)
    end
  end
end

-- As on the device, the jobs of the current minute run when the clock is set for the first time. If
-- the clock goes back later, minutes that come again run their jobs again.
timer = tmr.create()
clock.watch(function(is_first)
  local now = clock.now()
  if is_first then
    handled = nil
  elseif handled and (now + EARLY) // MINUTE < handled then
    handled = now // MINUTE
  end
  arm(is_first and 1)
end)

-- The device looks once in a second whether there is a time, so a job that is scheduled a moment
-- after that time was set still runs.
local SOON = 1000000 -- µs

local function was_just_set()
  return (clock.age() or SOON) < SOON
end

-- --- the module ---

local function schedule(entry, mask)
  entry.mask = parse(mask)
  if not entry.is_scheduled then
    entry.is_scheduled = true
    entries[#entries + 1] = entry
  end
  arm(was_just_set() and 1)
end

function cron.schedule(mask, fn)
  mask = argument.text(mask, 1, "schedule")
  local entry = setmetatable({fn = argument.typed(fn, 2, "schedule", "function")}, Entry)
  schedule(entry, mask)
  return entry
end

function cron.reset()
  for _, entry in ipairs(entries) do
    entry.is_scheduled = false
  end
  entries = {}
  arm()
end

function Entry:schedule(mask)
  schedule(argument.object(self, Entry, "schedule"), argument.text(mask, 2, "schedule"))
end

function Entry:handler(fn)
  argument.object(self, Entry, "handler").fn = argument.typed(fn, 2, "handler", "function")
end

function Entry:unschedule()
  argument.object(self, Entry, "unschedule").is_scheduled = false
  for i = #entries, 1, -1 do
    if entries[i] == self then
      table.remove(entries, i)
    end
  end
  arm()
end

return {api = cron}
