-- rtcfifo: a queue of samples in the words of rtcmem, laid out as on the device. Words 10 to 20
-- describe the queue. Its space begins with the names of the sensors, and each sample after them is
-- one word: bits 0-15 the value, 16-24 the seconds since the sample before it, 25-27 the decimals,
-- 28-31 the number of the name.

local argument = require "netmcu.device.argument"
local rtcmem = require "netmcu.device.rtcmem"

local MAGIC = 0x44695553
local SIZE = 128                                        -- words of rtcmem
local BEGIN, END, SENSORS, MOST_SENSORS = 32, 128, 5, 16
local GAP = 511                                         -- the most seconds between two samples

-- Where each field of the description is.
local places = {mark = 10, interval = 11, space = 15, count = 16, tail = 17, head = 18, tail_time = 19, head_time = 20}

local rtcfifo = {}

local function read(index)
  return rtcmem.read(index) & 0xffffffff
end

-- The description, with unsigned fields.
local queue = setmetatable({}, {
  __index = function(_, name) return read(places[name]) end,
  __newindex = function(_, name, value) rtcmem.write(places[name], value) end,
})

-- Returns the first word of the space, the one of the first sample, and the one after the last.
local function bounds()
  local space = queue.space
  local names = space & 0xff
  return names, names + (space >> 16 & 0xff), space >> 8 & 0xff
end

local function after(index)
  local _, first, last = bounds()
  return index + 1 < last and index + 1 or first
end

-- A script may write to the words, so the stored count is not trusted.
local function count()
  return math.min(queue.count, SIZE)
end

local function clear()
  local names, first = bounds()
  queue.tail, queue.head, queue.count, queue.tail_time, queue.head_time = first, first, 0, 0, 0
  for i = names, first - 1 do
    rtcmem.write(i, 0)
  end
end

local function check_prepared()
  if queue.mark ~= MAGIC then
    argument.raise "rtcfifo not prepared!"
  end
end

function rtcfifo.prepare(options)
  if options ~= nil and type(options) ~= "table" then
    argument.raise "expected table as arg #1"
  end
  options = options or {}
  local integer = argument.optional_integer
  local first, last = integer(options.storage_begin), integer(options.storage_end)
  if not first or not last then
    first, last = BEGIN, END
  end
  local sensors = integer(options.sensor_count, SENSORS)
  sensors = math.max(1, math.min(sensors == 0 and SENSORS or sensors, MOST_SENSORS))
  argument.check(first >= 0 and last <= SIZE and first + sensors < last, 1, "prepare", "no space for samples")
  queue.interval, queue.space = integer(options.interval_us, 0), first | last << 8 | sensors << 16
  clear()
  queue.mark = MAGIC
end

function rtcfifo.ready()
  return queue.mark == MAGIC and 1 or 0
end

-- Returns the number of a sensor's name. A new name gets the first free place. Returns nil if all
-- places are taken.
local function find_name(tag)
  local names, first = bounds()
  for i = names, first - 1 do
    if read(i) == 0 then
      rtcmem.write(i, tag)
    end
    if read(i) == tag then
      return i - names
    end
  end
end

local function drop()
  queue.head_time = queue.head_time + (read(queue.head) >> 16 & GAP)
  queue.head, queue.count = after(queue.head), count() - 1
end

-- A sample that comes too long after the one before it, or from one sensor too many, drops all
-- others.
function rtcfifo.put(timestamp, value, decimals, name)
  check_prepared()
  timestamp = argument.integer(timestamp, 1, "put") & 0xffffffff
  value, decimals = argument.integer(value, 2, "put"), argument.integer(decimals, 3, "put")
  local tag = string.unpack("<I4", argument.text(name, 4, "put") .. "\0\0\0\0")
  if queue.count == 0 then
    queue.head_time, queue.tail_time = timestamp, timestamp
  end
  local number, gap = find_name(tag), timestamp - queue.tail_time & 0xffffffff
  if not number or gap > GAP then
    clear()
    queue.head_time, number, gap = timestamp, find_name(tag), 0
    if not number then
      return -- the script has overwritten the description
    end
  end
  if queue.head == queue.tail and queue.count > 0 then
    drop()
  end
  rtcmem.write(queue.tail, value & 0xffff | gap << 16 | (decimals & 7) << 25 | number << 28)
  queue.tail, queue.tail_time, queue.count = after(queue.tail), timestamp, count() + 1
end

function rtcfifo.peek(offset)
  check_prepared()
  offset = argument.optional_integer(offset, 0)
  if offset < 0 or offset >= count() then
    return
  end
  local at, time = queue.head, queue.head_time + (read(queue.head) >> 16 & GAP)
  for _ = 1, offset do
    at = after(at)
    time = time + (read(at) >> 16 & GAP)
  end
  local sample = read(at)
  local name = string.gsub(string.pack("<I4", read(bounds() + (sample >> 28))), "\0.*", "")
  return time, sample & 0xffff, sample >> 25 & 7, name
end

function rtcfifo.drop(samples)
  check_prepared()
  for _ = 1, math.min(argument.integer(samples, 1, "drop"), count()) do
    drop()
  end
end

function rtcfifo.pop()
  local time, value, decimals, name = rtcfifo.peek()
  if time then
    drop()
    return time, value, decimals, name
  end
end

function rtcfifo.count()
  check_prepared()
  return count()
end

function rtcfifo.dsleep_until_sample(minimum)
  check_prepared()
  minimum = argument.integer(minimum, 1, "dsleep_until_sample")
  return require "netmcu.device.rtctime".api.dsleep_aligned(queue.interval, minimum)
end

return {api = rtcfifo}
