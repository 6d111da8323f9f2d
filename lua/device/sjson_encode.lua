-- sjson's encoder: writes a value as JSON text.

local argument = require "netmcu.device.argument"

local LARGEST_KEY = 32767 -- the device counts with 16 bits
local SMALLEST_NORMAL = 2.2250738585072014e-308
local MOST_CALLS = 10
local type_numbers = {boolean = 1, ["function"] = 6, userdata = 7, thread = 8} -- as the device's message has them

local escapes = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(character)
  return escapes[character] or string.format("\\u%04x", string.byte(character))
end

local function string_text(value)
  return '"' .. string.gsub(value, '[\0-\31"\\]', escape) .. '"'
end

-- The shortest text that reads back as the same number. 15 digits suffice for every number that a
-- person would write, and 17 for all others; a subnormal number may need fewer. JSON has neither
-- infinities nor NaN: they become null.
local function number_text(value)
  local size = math.abs(value)
  if value ~= value or size == math.huge then
    return "null"
  elseif math.type(value) == "integer" or value == math.floor(value) and size < 1e15 then
    return string.format("%d", value)
  end
  local text
  local digits = size < SMALLEST_NORMAL and 1 or 15
  repeat
    text = string.format("%." .. digits .. "g", value)
    digits = digits + 1
  until tonumber(text) == value
  return (string.gsub(text, ",", ".")) -- a script may set a locale
end

-- Returns the highest key, or nil if there is a key that an array cannot have. An array of which
-- most is missing may only be as large as on the device.
local function array_size(value)
  local size, count = 0, 0
  for key in next, value do
    if math.type(key) ~= "integer" or key < 1 then
      return nil
    end
    size, count = math.max(size, key), count + 1
  end
  return size <= math.max(LARGEST_KEY, 2 * count) and size or nil
end

local write

local function write_array(out, value, size, options, depth)
  for i = 1, size do
    out[#out + 1] = i == 1 and "[" or ","
    write(out, rawget(value, i), options, depth)
  end
  out[#out + 1] = size == 0 and "[]" or "]"
end

local function write_object(out, value, options, depth)
  local separator = "{"
  for key, item in next, value do
    if type(key) ~= "string" and type(key) ~= "number" then
      argument.raise("Cannot encode type " .. type_numbers[type(key)])
    end
    out[#out + 1] = separator .. string_text(tostring(key)) .. ":"
    write(out, item, options, depth)
    separator = ","
  end
  out[#out + 1] = "}"
end

local function write_table(out, value, options, depth)
  if depth == 0 then
    argument.raise "encoder stack overflow"
  end
  local size = array_size(value)
  if size then
    write_array(out, value, size, options, depth - 1)
  else
    write_object(out, value, options, depth - 1)
  end
end

-- A function stands for the value that it returns.
function write(out, value, options, depth)
  for _ = 1, MOST_CALLS do
    if type(value) ~= "function" then
      break
    end
    value = value()
  end
  local kind = type(value)
  if kind == "table" then
    write_table(out, value, options, depth)
  elseif value == nil or value == options.null or value == options.NULL then
    out[#out + 1] = "null"
  elseif kind == "string" then
    out[#out + 1] = string_text(value)
  elseif kind == "number" then
    out[#out + 1] = number_text(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  else
    argument.raise("Cannot encode type " .. type_numbers[kind])
  end
end

-- options: `null`, a string that stands for null; `NULL`, a value that does; `depth`, how deep
-- tables may be nested.
return function(value, options)
  local out = {}
  write_table(out, value, options, options.depth)
  return table.concat(out)
end
