-- perf: a profile of the firmware. A desktop has no firmware, so the time between start and stop is
-- spread over the addresses where a device usually spends it.

local argument = require "netmcu.device.argument"
local hardware_timer = require "netmcu.device.hardware_timer"
local host = require "netmcu.host"

local perf = {}

local FIRST, LAST = 0x40000000, 0x402a0000 -- the code in ROM, RAM and flash
local INTERVAL = 50 -- µs
local MOST_BINS = 8192 -- those that fit the memory of a device

-- Addresses of Lua's interpreter, table look-up, strings, collector, and of the SDK in flash and
-- ROM, with the percentage of samples.
local places = {
  {0x40231a40, 34}, {0x40233f10, 17}, {0x4022e6c4, 13}, {0x4022bd58, 9}, {0x402424a0, 16}, {0x40002a3c, 11},
}

local run

-- Bins are as small as the wanted number of them allows, and a power of two in size.
local function size_of_bins(range, count)
  local wanted, size = (range + count - 1) // count, 1
  while size < wanted do
    size = size * 2
  end
  return size
end

function perf.start(first, last, count, offset)
  first = first == nil and FIRST or argument.integer(first, 1, "start") & 0xffffffff
  last = last == nil and LAST or argument.integer(last, 2, "start") & 0xffffffff
  count = count == nil and 1024 or argument.integer(count, 3, "start")
  if last <= first then
    argument.raise "end must be larger than start"
  end
  if offset ~= nil then
    argument.integer(offset, 4, "start")
  end
  if count < 1 or count > MOST_BINS then
    argument.raise "not enough memory"
  end
  hardware_timer.require()
  run = {first = first, last = last, size = size_of_bins(last - first, count), since = host.now()}
end

-- Returns the number of samples in each bin, and how many samples are outside of all bins.
local function histogram(total)
  local bins, inside = {}, 0
  for _, place in ipairs(places) do
    local address, samples = place[1], total * place[2] // 100
    if address >= run.first and address < run.last and samples > 0 then
      local bin = address - (address - run.first) % run.size
      bins[bin] = (bins[bin] or 0) + samples
      inside = inside + samples
    end
  end
  return bins, total - inside
end

-- Returns the number of samples, those outside, those in each bin, and the size of a bin.
function perf.stop()
  if not run then
    return
  end
  local total = (host.now() - run.since) // INTERVAL
  local bins, outside = histogram(total)
  local size = run.size
  run = nil
  return total, outside, bins, size
end

return {api = perf}
