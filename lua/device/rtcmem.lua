-- rtcmem: 128 words of 32 bits that survive a restart. A program that restarts scripts keeps
-- host.rtc, a table of the words by index, from state to state.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"

local SIZE = 128

local rtcmem = {}

host.rtc = host.rtc or {}
local words = host.rtc

local function read(index)
  return words[index] or 0
end

local function write(index, value)
  if index >= 0 and index < SIZE then
    words[index] = argument.signed(value)
  end
end

-- Returns as many words as there are from the index on.
function rtcmem.read32(index, count)
  index = argument.integer(index, 1, "read32")
  count = argument.optional_integer(count, 1)
  local values = {}
  if index >= 0 and index < SIZE then
    for i = index, math.min(index + count, SIZE) - 1 do
      values[#values + 1] = read(i)
    end
  end
  return table.unpack(values)
end

function rtcmem.write32(index, ...)
  index = argument.integer(index, 1, "write32")
  local count = select("#", ...)
  argument.check(index + count <= SIZE, 1, "write32", "RTC mem would overrun")
  for i = 1, count do
    write(index + i - 1, argument.optional_integer((select(i, ...)), 0))
  end
end

return {api = rtcmem, read = read, write = write}
