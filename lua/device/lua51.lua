-- Functions of Lua 5.1 that few scripts use. compat.lua makes them global; this file is loaded when
-- the first of them is called.

local lua51 = {}

function lua51.foreach(list, fn)
  for key, value in pairs(list) do
    local result = fn(key, value)
    if result ~= nil then
      return result
    end
  end
end

function lua51.foreachi(list, fn)
  for i = 1, #list do
    local result = fn(i, list[i])
    if result ~= nil then
      return result
    end
  end
end

function lua51.maxn(list)
  local highest = 0
  for key in pairs(list) do
    if type(key) == "number" and key > highest then
      highest = key
    end
  end
  return highest
end

function lua51.gcinfo()
  return math.floor(collectgarbage("count"))
end

function lua51.log10(x)
  return math.log(x, 10)
end

function lua51.cosh(x)
  return (math.exp(x) + math.exp(-x)) / 2
end

function lua51.sinh(x)
  return (math.exp(x) - math.exp(-x)) / 2
end

function lua51.tanh(x)
  local e = math.exp(-2 * math.abs(x))
  return (x < 0 and e - 1 or 1 - e) / (1 + e)
end

function lua51.ldexp(m, e)
  return m * 2.0 ^ e
end

return lua51
