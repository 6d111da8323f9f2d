-- bloom: sets of strings, which may seem to contain a string that was never added. They set the
-- same bits as in the firmware.

local argument = require "netmcu.device.argument"

local crypto = require "netmcu.device.crypto".api

local bloom = {}

local LEAST_BITS, MOST_BYTES = 256, 40000 -- what the memory of a device has room for

local Filter = {__name = "bloom.filter"}
Filter.__index = Filter

function bloom.create(items, rate)
  items, rate = argument.integer(items, 1, "create"), argument.integer(rate, 2, "create")
  argument.check(items > 0, 1, "create", "invalid number of elements")
  local digits = 0
  while rate > 0 do
    rate, digits = rate >> 1, digits + 1
  end
  local bits = items * digits
  bits = math.max(LEAST_BITS, (bits + (bits >> 1) + 31) & ~31)
  if bits < 0 or bits > MOST_BYTES * 8 or items > MOST_BYTES * 8 then
    argument.raise "not enough memory"
  end
  local functions = bits // items
  functions = math.max(2, math.min(15, (functions >> 1) + functions // 6))
  return setmetatable({bits = bits, functions = functions, set = {}, occupancy = 0}, Filter)
end

-- Calls visit(bit) for each bit of a string, until a call returns true.
local function each_bit(self, text, visit)
  local hash = crypto.hash("sha256", text)
  local step = self.functions > 10 and 2 or 3
  for i = 0, self.functions - 1 do
    if visit(string.unpack(">I3", hash, i * step + 1) % self.bits) then
      return true
    end
  end
  return false
end

function Filter:check(text)
  argument.object(self, Filter, "check")
  return not each_bit(self, argument.text(text, 2, "check"), function(bit) return not self.set[bit] end)
end

-- Returns whether the string seemed to be there before.
function Filter:add(text)
  argument.object(self, Filter, "add")
  local was_there = true
  each_bit(self, argument.text(text, 2, "add"), function(bit)
    if not self.set[bit] then
      self.set[bit], was_there, self.occupancy = true, false, self.occupancy + 1
    end
  end)
  return was_there
end

function Filter:reset()
  argument.object(self, Filter, "reset")
  self.set, self.occupancy = {}, 0
end

local MOST_CHANCE = 1000000

-- Returns the number of bits, of hash functions and of set bits. The last result is n if one string
-- in n seems to be in the set although it was never added.
function Filter:info()
  argument.object(self, Filter, "info")
  local chance = MOST_CHANCE
  if self.occupancy > 0 then
    chance = math.floor(math.min(MOST_CHANCE, (self.bits / self.occupancy) ^ self.functions))
  end
  return self.bits, self.functions, self.occupancy, chance
end

return {api = bloom}
