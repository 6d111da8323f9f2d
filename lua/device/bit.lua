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

function bit.band(...)
  local result = -1
  for i = 1, select("#", ...) do
    result = result & bits(select(i, ...), "band")
  end
  return to_signed(result)
end

function bit.bor(...)
  local result = 0
  for i = 1, select("#", ...) do
    result = result | bits(select(i, ...), "bor")
  end
  return to_signed(result)
end

function bit.bxor(...)
  local result = 0
  for i = 1, select("#", ...) do
    result = result ~ bits(select(i, ...), "bxor")
  end
  return to_signed(result)
end

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

function bit.set(value, ...)
  local result = bits(value, "set")
  for i = 1, select("#", ...) do
    result = result | 1 << bits(select(i, ...), "set")
  end
  return to_signed(result)
end

function bit.clear(value, ...)
  local result = bits(value, "clear")
  for i = 1, select("#", ...) do
    result = result & ~(1 << bits(select(i, ...), "clear"))
  end
  return to_signed(result)
end

function bit.isset(value, position)
  return bits(value, "isset") >> bits(position, "isset") & 1 == 1
end

function bit.isclear(value, position)
  return not bit.isset(value, position)
end

return {api = bit}
