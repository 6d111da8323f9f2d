-- Fonts in the format of u8g2, which a script has loaded from a file. u8g2's page "u8g2fontformat"
-- describes it: a header of 23 bytes, then the glyphs as runs of pixels. The missing data of a
-- damaged font is empty.

local Font = require "netmcu.device.fonts".Font

local StringFont = setmetatable({__name = "font"}, {__index = Font})
StringFont.__index = StringFont

local HEADER = 23
local WIDEST = 63 -- the columns of a row, which is an integer

local function byte(text, at)
  return string.byte(text, at + 1) or 0
end

local function signed_byte(text, at)
  return (byte(text, at) ~ 0x80) - 0x80
end

local function word(text, at)
  return byte(text, at) << 8 | byte(text, at + 1)
end

-- Returns a function read(count), which reads a number of up to eight bits. The lowest bit of a
-- byte comes first.
local function bit_reader(text, at)
  local position = at * 8
  return function(count)
    local value = 0
    count = math.min(count, 8)
    for i = 0, count - 1 do
      value = value | (byte(text, position + i >> 3) >> (position + i & 7) & 1) << i
    end
    position = position + count
    return value
  end
end

-- Returns where the data of a character begins, or nil. An entry has the code and its own size.
local function search(text, at, code, code_size)
  while true do
    local size = byte(text, at + code_size)
    local its_code = code_size == 1 and byte(text, at) or word(text, at)
    if size == 0 or code_size == 2 and its_code == 0 then
      return nil
    elseif its_code == code then
      return at + code_size + 1
    end
    at = at + size
  end
end

-- Characters above 255 are in blocks. A table has the size of each block and its last character.
local function search_blocks(text, code)
  local at = HEADER + word(text, 21)
  local entry, block = at, at
  repeat
    local step, last = word(text, entry), word(text, entry + 2)
    block, entry = block + step, entry + 4
  until last >= code or step == 0
  return search(text, block, code, 2)
end

local function find(text, code)
  if code > 255 then
    return search_blocks(text, code)
  end
  local start = code >= 97 and word(text, 19) or code >= 65 and word(text, 17) or 0
  return search(text, HEADER + start, code, 1)
end

-- Reads the pixels of a glyph: runs of zeros and ones, which may repeat.
local function read_rows(read, glyph, width, height, text)
  local zeros_size, ones_size = byte(text, 2), byte(text, 3)
  local position, size = 0, width * height
  while position < size do
    local zeros, ones = read(zeros_size), read(ones_size)
    if zeros + ones == 0 then
      return
    end
    repeat
      for i = position + zeros, math.min(position + zeros + ones, size) - 1 do
        local row, column = glyph.top - i // width, i % width
        glyph[row] = (glyph[row] or 0) | (column < WIDEST and 1 << (math.min(width, WIDEST) - 1 - column) or 0)
      end
      position = position + zeros + ones
    until read(1) == 0 or position >= size
  end
end

-- Returns a glyph; see fonts.lua.
local function make_glyph(text, at)
  local read = bit_reader(text, at)
  local function read_signed(count) return read(count) - (1 << math.min(count, 8) >> 1) end
  local width, height = read(byte(text, 4)), read(byte(text, 5))
  local x, y, advance = read_signed(byte(text, 6)), read_signed(byte(text, 7)), read_signed(byte(text, 8))
  local glyph = {advance = advance, left = x, right = x + math.min(width, WIDEST) - 1}
  glyph.cell, glyph.top, glyph.bottom = glyph.right + 1, y + height, y + 1
  read_rows(read, glyph, width, height, text)
  return glyph
end

function StringFont:glyph(code)
  local at = not self.glyphs[code] and find(self.text, code)
  if at then
    self.glyphs[code] = make_glyph(self.text, at)
  end
  return self.glyphs[code]
end

-- Returns the heights above and below the baseline; see fonts.lua.
function StringFont:heights(mode)
  local text = self.text
  local ascent, descent = signed_byte(text, 13), signed_byte(text, 14)
  if mode == "all" then
    return math.max(ascent, byte(text, 10) + signed_byte(text, 12)), math.min(descent, signed_byte(text, 12))
  elseif mode == "extended" then
    return math.max(ascent, signed_byte(text, 15)), math.min(descent, signed_byte(text, 16))
  end
  return ascent, descent
end

-- Returns the font in a string, or nil if it is too short for one.
return function(text)
  if #text < HEADER then
    return nil
  end
  return setmetatable({name = "font", text = text, glyphs = {}}, StringFont)
end
