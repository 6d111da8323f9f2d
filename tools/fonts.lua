-- Writes lua/device/font_data.lua, the glyphs of the fonts of displays, from the fonts "misc-fixed"
-- of X11, which are in the public domain:
--
--   apt install xfonts-base
--   tools/run tools/fonts.lua [/usr/share/fonts/X11/misc]
--
-- The file has the characters 32 to 126 and 160 to 255. In each font, a glyph is two characters, the
-- first row that is not empty and the number of rows, and the bits of these rows, six to a character.

local folder = arg[1] or "/usr/share/fonts/X11/misc"
local names = {"4x6", "5x7", "5x8", "6x10", "6x12", "6x13", "7x13", "8x13", "9x15", "10x20"}

local ACCELERATORS, METRICS, BITMAPS, ENCODINGS = 1 << 1, 1 << 2, 1 << 3, 1 << 5
local COMPRESSED = 0x100

-- Returns a reader for the numbers of one table of a PCF file, in the byte order of the table.
local function table_reader(text, kind)
  for i = 0, string.unpack("<I4", text, 5) - 1 do
    local its_kind, format, _, offset = string.unpack("<I4I4I4I4", text, 9 + i * 16)
    if its_kind == kind then
      local order, at = format & 4 ~= 0 and ">" or "<", offset + 5
      return function(layout)
        local values = {string.unpack(order .. layout, text, at)}
        at = table.remove(values)
        return table.unpack(values)
      end, format, function() return at end
    end
  end
end

-- Returns for each glyph the columns and rows around its origin.
local function read_metrics(text)
  local metrics = {}
  local read, format = table_reader(text, METRICS)
  local is_compressed = format & COMPRESSED ~= 0
  for glyph = 0, read(is_compressed and "I2" or "I4") - 1 do
    local left, right, _, ascent, descent = read(is_compressed and "BBBBB" or "i2i2i2i2i2I2")
    local bias = is_compressed and 128 or 0
    metrics[glyph] = {left = left - bias, right = right - bias, ascent = ascent - bias, descent = descent - bias}
  end
  return metrics
end

-- Adds the rows of each glyph, as integers whose lowest bit is the rightmost pixel.
local function read_bitmaps(text, metrics)
  local read, format, position = table_reader(text, BITMAPS)
  local offsets = {read(string.rep("I4", read "I4"))}
  read "I4I4I4I4"
  assert(format & 8 ~= 0, "most significant bit first expected")
  local padding = 1 << (format & 3)
  for glyph, metric in pairs(metrics) do
    local width = metric.right - metric.left
    local size = ((width + 7) // 8 + padding - 1) // padding * padding
    for row = 0, metric.ascent + metric.descent - 1 do
      local bits = string.unpack(">I" .. size, text, position() + offsets[glyph + 1] + row * size)
      metric[row] = bits >> (size * 8 - width)
    end
  end
end

local function read_encodings(text)
  local glyphs = {}
  local read = table_reader(text, ENCODINGS)
  local first, last, first_row, last_row = read "I2I2I2I2I2"
  assert(first_row == 0 and last_row >= 0)
  for code = first, last do
    local glyph = read "I2"
    glyphs[code] = glyph ~= 0xffff and glyph or nil
  end
  return glyphs
end

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function digit(value)
  return digits:sub(value + 1, value + 1)
end

-- Returns the rows of the whole cell.
local function cell_rows(metric, width, height, descent)
  local rows = {}
  for row = 0, height - 1 do
    local bits = metric and metric[row - (height - descent - metric.ascent)] or 0
    rows[row] = metric and bits << (width - metric.right) or 0
  end
  return rows
end

local function encode(rows, width, height)
  local first, last = 0, height - 1
  while first < height and rows[first] == 0 do
    first = first + 1
  end
  while last > first and rows[last] == 0 do
    last = last - 1
  end
  local count = first < height and last - first + 1 or 0
  local text, bits, size = {digit(count > 0 and first or 0), digit(count)}, 0, 0
  for row = first, first + count - 1 do
    bits, size = bits << width | rows[row], size + width
    while size >= 6 do
      size = size - 6
      text[#text + 1] = digit(bits >> size & 63)
    end
  end
  text[#text + 1] = size > 0 and digit(bits << (6 - size) & 63) or nil
  return table.concat(text)
end

local function convert(name)
  local pipe = assert(io.popen(("gzip -dc '%s/%s.pcf.gz'"):format(folder, name), "r"))
  local text = pipe:read "a"
  pipe:close()
  assert(#text > 0, "cannot read the font " .. name)
  local width, height = name:match "(%d+)x(%d+)"
  width, height = tonumber(width), tonumber(height)
  local metrics, glyphs = read_metrics(text), read_encodings(text)
  read_bitmaps(text, metrics)
  local read = table_reader(text, ACCELERATORS)
  local _, descent = select(9, read "BBBBBBBBi4i4")
  local codes = {}
  for code = 32, 255 do
    if code < 127 or code >= 160 then
      codes[#codes + 1] = encode(cell_rows(metrics[glyphs[code]], width, height, descent), width, height)
    end
  end
  return ("  [%q] = {\n    width = %d, height = %d, descent = %d,\n    glyphs = %q,\n  },\n"):format(name, width, height,
    descent, table.concat(codes))
end

local out = {"-- Made by tools/fonts.lua, which describes it, from the fonts misc-fixed of X11 (public domain).\n\nreturn {\n"}
for _, name in ipairs(names) do
  out[#out + 1] = convert(name)
end
out[#out + 1] = "}\n"
local file = assert(io.open("lua/device/font_data.lua", "wb"))
file:write(table.concat(out))
file:close()
