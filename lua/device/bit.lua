-- bit: operations on 32 bits. Their results are signed, as on the device.

local to_signed = require "netmcu.device.argument".signed

-- Cuts the fraction off. Numbers that need more than 32 bits wrap around.
local function bits(value, caller)
  local number = tonumber(value)
  if not number then
    error(string.format("bad argument to '%s' (number expected, got %s)", caller, type(value)), 3)
  end
  return math.tointeger(number) or math.tointeger(number - number % 1) or 0
end

local bit = {}

function bit.bnot(value)
  return to_signed(~bits(value, "bnot"))
end

-- Adds a function that combines `initial`, or else its first argument, with all others.
local function add(name, initial, combine)
  bit[name] = function(...)
    local result = initial or bits((...), name)
    for i = initial and 1 or 2, select("#", ...) do
      result = combine(result, bits(select(i, ...), name))
    end
    return to_signed(result)
  end
end

add("band", -1, function(a, b) return a & b end)
add("bor", 0, function(a, b) return a | b end)
add("bxor", 0, function(a, b) return a ~ b end)
add("set", nil, function(a, position) return a | 1 << position end)
add("clear", nil, function(a, position) return a & ~(1 << position) end)

function bit.lshift(value, shift)
  return to_signed(bits(value, "lshift") << bits(shift, "lshift"))
end

function bit.rshift(value, shift)
  return to_signed((bits(value, "rshift") & 0xffffffff) >> bits(shift, "rshift"))
end

function bit.arshift(value, shift)
  local count = math.min(bits(shift, "arshift"), 31)
  return to_signed(to_signed(bits(value, "arshift")) // (1 << count))
end

function bit.bit(position)
  return to_signed(1 << bits(position, "bit"))
end

function bit.isset(value, position)
  return bits(value, "isset") >> bits(position, "isset") & 1 == 1
end

function bit.isclear(value, position)
  return not bit.isset(value, position)
end

return {api = bit}
