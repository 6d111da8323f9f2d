-- struct: packs values by a format, with string.pack. The formats of both differ in the sizes of
-- the device's C types, in "c" (its count follows, or is the number unpacked before it), in "s"
-- (which ends with a zero byte) and in the alignment.

local struct = {}

-- The item of string.pack for each letter of a value. The device's long and size_t have 4 bytes.
local items = {b = "b", B = "B", h = "i2", H = "I2", l = "i4", L = "I4", T = "I4", f = "f", d = "d", s = "z"}
local order = {["<"] = "<", [">"] = ">", ["="] = "="}

-- Raises an error at the script's line. Most callers are two calls below the module's function.
local function fail(message, level)
  error(message, level or 5)
end

local function alignment(count)
  local bytes = count == "" and 8 or tonumber(count)
  if bytes < 1 or bytes > 16 or bytes & (bytes - 1) ~= 0 then
    fail("alignment is not a power of 2")
  end
  return "!" .. bytes
end

local function integer(letter, count)
  local bytes = count == "" and 4 or tonumber(count)
  if bytes < 1 or bytes > 16 then
    fail(string.format("integral size %d is larger than limit of %d", bytes, 16))
  end
  return letter .. bytes
end

-- Calls visit(kind, item, count) for each value in the format. An item begins with what string.pack
-- needs for the byte order and the alignment.
local function each(format, visit)
  local endian, aligned = "=", "!1"
  local at = 1
  while at <= #format do
    local letter, count = string.match(format, "^(.)(%d*)", at)
    local takes_count = string.find(letter, "[!iIc]")
    at = at + 1 + (takes_count and #count or 0)
    local prefix = aligned .. endian
    if letter == " " then
      -- nothing
    elseif letter == "!" then
      aligned = alignment(count)
    elseif order[letter] then
      endian = letter
    elseif letter == "x" then
      visit("padding", prefix .. "x")
    elseif letter == "c" then
      visit("text", prefix, count == "" and 1 or tonumber(count))
    elseif letter == "i" or letter == "I" then
      visit("value", prefix .. integer(letter, count))
    elseif items[letter] then
      visit("value", prefix .. items[letter], letter == "s" and 0 or nil)
    else
      fail(string.format("invalid format option '%s'", letter), 4)
    end
  end
end

-- Returns how many bytes the alignment adds before an item at this position. string.pack counts
-- from the beginning of its result, but here it packs one item at a time.
local function gap(item, position)
  local limit = tonumber(string.match(item, "^!(%d+)"))
  local letter = string.match(item, "[bBiIfd]%d*$")
  if limit <= 1 or not letter then
    return 0
  end
  local size = math.min(string.packsize(letter), limit)
  return (size - position % size) % size
end

local function drop_alignment(item)
  return (string.gsub(item, "^!%d+", ""))
end

local function wrap_to(item, value)
  local bytes = tonumber(string.match(item, "[iI](%d+)$")) or string.match(item, "[bB]$") and 1
  local number = bytes and tonumber(value)
  if not number then
    return value
  end
  local whole = math.tointeger(number) or math.tointeger(number - number % 1) or 0
  if bytes >= 8 then
    return whole
  end
  whole = whole & (1 << bytes * 8) - 1
  local negative = string.find(item, "[ib]%d*$") and whole >> bytes * 8 - 1 == 1
  return negative and whole - (1 << bytes * 8) or whole
end

function struct.pack(format, ...)
  local values, used, parts, length = {...}, 0, {}, 0
  local function add(bytes)
    parts[#parts + 1] = bytes
    length = length + #bytes
  end
  local function next_value()
    used = used + 1
    return values[used]
  end
  each(format, function(kind, item, count)
    if kind == "padding" then
      add("\0")
    elseif kind == "text" then
      local text = tostring(next_value())
      count = count == 0 and #text or count
      if #text < count then
        fail("string too short")
      end
      add(string.sub(text, 1, count))
    else
      add(string.rep("\0", gap(item, length)))
      add(string.pack(drop_alignment(item), wrap_to(item, next_value())))
    end
  end)
  return table.concat(parts)
end

function struct.unpack(format, text, start)
  local values, at = {}, start or 1
  local function need(count)
    if at + count - 1 > #text then
      fail("data string too short", 6)
    end
  end
  each(format, function(kind, item, count)
    if kind == "padding" then
      at = at + 1
    elseif kind == "text" then
      if count == 0 then
        count = table.remove(values)
        if math.type(count) == nil then
          fail("format 'c0' needs a previous size")
        end
        count = count // 1 | 0
      end
      need(count)
      values[#values + 1] = string.sub(text, at, at + count - 1)
      at = at + count
    elseif count == 0 then
      if not string.find(text, "\0", at, true) then
        fail("unfinished string in data")
      end
      values[#values + 1], at = string.unpack("z", text, at)
    else
      at = at + gap(item, at - 1)
      need(string.packsize(drop_alignment(item)))
      values[#values + 1], at = string.unpack(drop_alignment(item), text, at)
    end
  end)
  values[#values + 1] = at
  return table.unpack(values)
end

function struct.size(format)
  local size = 0
  each(format, function(kind, item, count)
    if kind == "padding" then
      size = size + 1
    elseif kind == "text" then
      if count == 0 then
        fail("variable-size format in 'size'")
      end
      size = size + count
    elseif count == 0 then
      fail("variable-size format in 'size'")
    else
      size = size + gap(item, size) + string.packsize(drop_alignment(item))
    end
  end)
  return size
end

return {api = struct}
