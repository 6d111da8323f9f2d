-- The fonts of displays. u8g2, u8g and ucg have made some of theirs, such as font_6x10_tf, of X11's
-- fonts misc-fixed, and these look as on the device. Any other font is replaced by the one whose
-- capitals are about as high, enlarged if necessary, and a line says so.

local host = require "netmcu.host"

local fonts = {}

local Font = {__name = "font"}
Font.__index = Font
fonts.Font = Font

local LARGEST = 6 -- the most that a font is enlarged; a row of a glyph has to fit an integer

local data -- of font_data.lua
local offsets_of = {} -- of each font, where its glyphs begin

local digit_of = {}
for i, range in ipairs {"AZ", "az", "09", "++", "//"} do
  local first = ({0, 26, 52, 62, 63})[i]
  for byte = string.byte(range), string.byte(range, 2) do
    digit_of[byte] = first + byte - string.byte(range)
  end
end

local function digit(text, at)
  return digit_of[string.byte(text, at)]
end

local function index(code)
  return code >= 160 and code <= 255 and code - 65 or code >= 32 and code < 127 and code - 32
end

local function find_offsets(cell)
  local offsets, at = {}, 1
  for i = 0, 190 do
    offsets[i] = at
    at = at + 2 + (digit(cell.glyphs, at + 1) * cell.width + 5) // 6
  end
  return offsets
end

-- Returns the rows of a glyph from the top of its cell, as integers.
local function read_rows(cell, code)
  offsets_of[cell] = offsets_of[cell] or find_offsets(cell)
  local at = offsets_of[cell][index(code)]
  local first, count = digit(cell.glyphs, at), digit(cell.glyphs, at + 1)
  local rows, bits, size = {}, 0, 0
  at = at + 2
  for row = first, first + count - 1 do
    while size < cell.width do
      bits, size, at = bits << 6 | digit(cell.glyphs, at), size + 6, at + 1
    end
    size = size - cell.width
    rows[row], bits = bits >> size, bits & (1 << size) - 1
  end
  return rows
end

-- Repeats each bit of a row.
local function widen(row, width, scale)
  local wide = 0
  for bit = width - 1, 0, -1 do
    wide = wide << scale | (row >> bit & 1) * ((1 << scale) - 1)
  end
  return wide
end

-- Returns a glyph: its rows from the topmost one that is not empty, the height of this row above
-- the baseline, the leftmost and rightmost column in use, and the width of the cell.
local function make_glyph(font, code)
  local cell, scale = font.cell, font.scale
  local width = cell.width * scale
  local glyph, used = {advance = width, top = 0, cell = width}, 0
  for row, bits in pairs(read_rows(cell, code)) do
    bits = widen(font.is_bold and bits | bits >> 1 or bits, cell.width, scale)
    for i = 0, scale - 1 do
      local height = (cell.height - cell.descent - row) * scale - i
      glyph[height], used = bits, used | bits
      glyph.top = glyph.bottom and math.max(glyph.top, height) or height
      glyph.bottom = math.min(glyph.bottom or height, height)
    end
  end
  glyph.left, glyph.right = width, -1
  for column = 0, width - 1 do
    if used >> (width - 1 - column) & 1 == 1 then
      glyph.left, glyph.right = math.min(glyph.left, column), column
    end
  end
  return glyph
end

-- Returns a box as high as capitals, for a symbol.
local function make_box(font)
  local height, width = font:heights(), font.cell.width * font.scale
  local glyph = {advance = width, cell = width, left = 0, right = width - 2, top = height, bottom = 1}
  for row = 1, height do
    glyph[row] = (row == 1 or row == height) and (1 << width) - 2 or 1 << (width - 1) | 2
  end
  return glyph
end

-- Returns the glyph of a character, or nil if the font has none.
function Font:glyph(code)
  local is_symbol = code > 255
  if not is_symbol and not index(code) or not self.contains(code) then
    return nil
  end
  self.glyphs[code] = self.glyphs[code] or is_symbol and make_box(self) or make_glyph(self, code)
  return self.glyphs[code]
end

-- Returns the heights above and below the baseline of capitals and of "g". With `extended`, also of
-- brackets; with `all`, of all glyphs.
function Font:heights(mode)
  local capital = self:glyph(65) or self:glyph(49)
  local low = self:glyph(103)
  local ascent, descent = capital.top, low and low.bottom - 1 or 0
  local bracket = self:glyph(40)
  if mode == "all" then
    ascent, descent = (self.cell.height - self.cell.descent) * self.scale, -self.cell.descent * self.scale
  elseif mode == "extended" and bracket then
    ascent, descent = math.max(ascent, bracket.top), math.min(descent, bracket.bottom - 1)
  end
  return ascent, descent
end

-- Calls put(glyph, offset) for each character that the font has. Returns the width of the text, and
-- the width as u8g2 measures it: without the empty columns right of the last character.
function Font:lay_out(codes, put)
  local width, last = 0, nil
  for _, code in ipairs(codes) do
    local glyph = self:glyph(code)
    if glyph then
      put(glyph, width)
      width, last = width + glyph.advance, glyph
    end
  end
  local trailing = last and last.right >= 0 and last.advance - last.right - 1 or 0
  return width, width - trailing
end

-- --- names ---

local sets = {
  r = function(code) return code < 128 end,
  n = function(code) return code == 32 or code >= 42 and code <= 58 end,
  u = function(code) return code < 96 end,
  f = function(code) return code < 256 end,
  all = function() return true end,
}

-- Returns which characters the font of this name has: font_6x10_tn has only digits.
local function set_of(name)
  return sets[string.match(name, "_[%a%d]([frnu])$") or string.match(name, "%d%u?([rn])$") or "all"]
end

local function capital_height(cell)
  return Font.heights(setmetatable({cell = cell, scale = 1, glyphs = {}, contains = sets.f}, Font))
end

-- Returns the font whose capitals are nearest to this height, and by how much it has to be
-- enlarged.
local function nearest(height)
  local best = {difference = math.huge}
  for name, cell in pairs(data) do
    local capital = capital_height(cell)
    local scale = math.max(1, math.min(LARGEST, (height + capital // 2) // capital))
    local difference = math.abs(capital * scale - height) * 2 + scale * 3 -- a coarse font must fit better
    if difference < best.difference or difference == best.difference and name < best.name then
      best = {difference = difference, name = name, scale = scale}
    end
  end
  return best.name, best.scale
end

-- Returns the name of the cell, the enlargement, whether the font is bold, and whether it only
-- resembles the device's.
local function choose(name)
  local cell, style = string.match(name, "^(%d+x%d+)(%u?)")
  local is_bold = style == "B" or not cell and string.find(name, "[Bb]%d") ~= nil
  if cell and data[cell] then
    return cell, 1, is_bold, style == "O"
  end
  local height = tonumber(cell and string.match(cell, "x(%d+)") or string.match(name, "%d+")) or 0
  height = height < 4 and 8 or math.min(height, 100)
  local similar, scale = nearest(cell and (height * 2 + 1) // 3 or height)
  return similar, scale, is_bold, true
end

local found = {}

-- Returns the font of a name such as "font_6x10_tf"; nil if no font can have this name.
function fonts.find(full_name)
  local name = type(full_name) == "string" and string.match(full_name, "^font_([%w_]+)$")
  if not name then
    return nil
  elseif not found[name] then
    data = data or require "netmcu.device.font_data"
    local cell, scale, is_bold, is_similar = choose(name)
    found[name] = setmetatable({
      name = full_name, cell = data[cell], scale = scale, is_bold = is_bold, contains = set_of(name), glyphs = {},
      similar = is_similar and (scale > 1 and string.format("%s, enlarged %d times", cell, scale) or cell) or nil,
    }, Font)
  end
  return found[name]
end

function fonts.is_font(value)
  return getmetatable(value) == Font
end

-- Says once that a font only resembles the device's.
function fonts.use(font)
  if font.similar then
    host.remark(string.format("%s is not the device's: %s of X11 takes its place", font.name, font.similar))
    font.similar = nil
  end
  return font
end

return fonts
