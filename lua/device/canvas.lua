-- A canvas of a display: what u8g2, u8g and ucg share when they draw shapes and texts.
--
-- The coordinates of a script are turned into those of the display, by one of `turns`. The display
-- shows `columns` times `rows` pixels; store(column, row, color) keeps one of them.

local Canvas = {}
Canvas.__index = Canvas

-- A text drawn at the place of another one replaces it. A script that never clears its display may
-- draw at any number of places.
local MOST_TEXTS = 256

-- Each returns where a pixel is on the display.
local turns = {
  [0] = function(_, x, y) return x, y end,
  function(self, x, y) return self.columns - 1 - y, x end,
  function(self, x, y) return self.columns - 1 - x, self.rows - 1 - y end,
  function(self, x, y) return y, self.rows - 1 - x end,
  mirror = function(self, x, y) return self.columns - 1 - x, y end,
}

-- Returns a canvas in the first colour, with fonts drawn from their baseline.
function Canvas.new(class, columns, rows)
  local self = setmetatable({
    columns = columns, rows = rows, color = 1, direction = 0, position = "baseline", scale = 1,
  }, class)
  self:rotate(0)
  self:clear()
  return self
end

-- Turns the canvas by quarters, or mirrors it.
function Canvas:rotate(turn)
  self.turn = turns[turn]
  local is_upright = turn ~= 1 and turn ~= 3
  self.full_width = is_upright and self.columns or self.rows
  self.full_height = is_upright and self.rows or self.columns
  self:enlarge(self.scale)
end

-- Draws each pixel as a square of this size.
function Canvas:enlarge(scale)
  self.scale = scale
  self.width, self.height = self.full_width // scale, self.full_height // scale
end

function Canvas:put(x, y, color)
  if x < 0 or y < 0 or x >= self.width or y >= self.height then
    return
  end
  local scale = self.scale
  for i = 0, scale * scale - 1 do
    local column, row = self:turn(x * scale + i % scale, y * scale + i // scale)
    self:store(column, row, color or self.color)
  end
end

-- --- texts ---

function Canvas:clear_texts()
  self.texts = {}
end

local function note_text(self, x, y, text)
  local note = {text = text, x = x, y = y, font = self.font.name}
  for i, other in ipairs(self.texts) do
    if other.x == x and other.y == y then
      self.texts[i] = note
      return
    end
  end
  self.texts[#self.texts + 1] = note
  if #self.texts > MOST_TEXTS then
    table.remove(self.texts, 1)
  end
end

-- Returns the heights of the font above and below the baseline, or 0 without a font.
function Canvas:heights()
  if not self.font then
    return 0, 0
  end
  return self.font:heights(self.height_mode)
end

-- Returns how far below y the baseline is.
local function baseline(self)
  local ascent, descent = self:heights()
  if self.position == "top" then
    return ascent + 1
  elseif self.position == "bottom" then
    return descent
  end
  return self.position == "center" and (ascent - descent) // 2 + descent or 0
end

-- Returns where a pixel of a text is, `along` the text from its start and `below` its baseline.
local function along(self, x, y, right, below)
  local direction = self.direction
  if direction == 0 then
    return x + right, y + below
  elseif direction == 1 then
    return x - below, y + right
  elseif direction == 2 then
    return x - right, y - below
  end
  return x + below, y - right
end

local function draw_glyph(self, glyph, x, y, offset)
  local background = self.is_solid and self:background()
  for height = glyph.top or 0, glyph.bottom or 1, -1 do
    local bits = glyph[height] or 0
    for column = glyph.left, glyph.right do
      local is_set = bits >> (glyph.cell - 1 - column) & 1 == 1
      if is_set or background then
        local to_x, to_y = along(self, x, y, offset + column, -height)
        self:put(to_x, to_y, not is_set and background or nil)
      end
    end
  end
end

-- Draws characters, and returns their width. `text` is what a test finds on the display.
function Canvas:write(x, y, codes, text)
  if not self.font then
    return 0
  end
  note_text(self, x, y, text)
  x, y = along(self, x, y, 0, baseline(self))
  return (self.font:lay_out(codes, function(glyph, offset) draw_glyph(self, glyph, x, y, offset) end))
end

-- Returns the advance of a text, and its width up to the last pixel.
function Canvas:measure(codes)
  if not self.font then
    return 0, 0
  end
  return self.font:lay_out(codes, function() end)
end

-- --- one bit for each pixel, as in the memory of an SSD1306: a byte is eight pixels of a column ---

local Mono = setmetatable({}, {__index = Canvas})
Mono.__index = Mono
Canvas.Mono = Mono

function Mono:clear()
  self.bytes = self.bytes or {}
  for i = 0, self.columns * ((self.rows + 7) // 8) - 1 do
    self.bytes[i] = 0
  end
  self:clear_texts()
end

-- Colour 0 clears a pixel, 2 inverts it, and others set it. While a page is drawn, only its rows
-- change.
function Mono:store(column, row, color)
  local page = row >> 3
  if self.page and page ~= self.page then
    return
  end
  local i, bit = page * self.columns + column, 1 << (row & 7)
  local byte = self.bytes[i]
  self.bytes[i] = color == 0 and byte & ~bit or color == 2 and byte ~ bit or byte | bit
end

function Mono:background()
  return self.color == 0 and 1 or 0
end

function Mono:get(column, row)
  return self.bytes[(row >> 3) * self.columns + column] >> (row & 7) & 1
end

-- Returns the bytes of columns of a page, as a string.
function Mono:page_bytes(page, first, count)
  local start = page * self.columns + first
  return string.char(table.unpack(self.bytes, start, start + count - 1))
end

-- Returns the pixels of a row that are set, in bytes: the number of their runs, then the start and
-- the length of each run.
function Mono:runs(row)
  local runs, start = {}, nil
  for column = 0, self.columns do
    local is_set = column < self.columns and self:get(column, row) == 1
    if is_set and not start then
      start = column
    elseif start and not is_set then
      runs[#runs + 1] = string.char(start & 255, column - start & 255)
      start = nil
    end
  end
  return string.char(#runs & 255) .. table.concat(runs)
end

return Canvas
