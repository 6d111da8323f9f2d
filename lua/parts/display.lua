-- display: a display on SPI whose picture comes straight from the drawing buffer of u8g2, u8g or
-- ucg, without the bytes of its controller. Its pin is that of /CS.

local Screen = require "netmcu.parts.screen"

local Display = Screen.class {kind = "display", bus = "spi", pin = 8}

local LIT, DARK = 0xffffff, 0 -- what glows
local PAPER, INK = 0xd0d8c8, 0x101810 -- liquid crystals

function Display:start()
  self.width, self.height, self.pixels = 0, 0, {}
  self.is_on, self.is_inverted = true, false
end

-- Takes the bytes of a canvas of one bit, which are those of an SSD1306's memory.
function Display:show(canvas, glows)
  if self.failing == "silent" then
    return
  end
  self.width, self.height = canvas.columns, canvas.rows
  self.lit, self.dark = glows and LIT or INK, glows and DARK or PAPER
  self.bytes = table.move(canvas.bytes, 0, #canvas.bytes, 0, {})
  self:show_texts(canvas.texts)
end

-- Takes the list of colours of a canvas, which the canvas goes on to draw in.
function Display:share(canvas)
  self.width, self.height, self.colors = canvas.columns, canvas.rows, canvas.colors
  self.shown_texts = canvas.texts
end

function Display:size()
  return self.width, self.height
end

-- Returns whether a pixel is set.
function Display:is_lit(x, y)
  return self.is_on and self.bytes[(y >> 3) * self.width + x] >> (y & 7) & 1 == 1
end

function Display:pixel(x, y)
  if self.colors then
    return self.colors[y * self.width + x + 1]
  end
  if self.is_turned then
    x, y = self.width - 1 - x, self.height - 1 - y
  end
  return self:is_lit(x, y) and self.lit or self.dark
end

return Display
