-- What all displays and strips of LEDs have in common. A class defines pixel(part, x, y), which
-- returns a colour, 0xRRGGBB, and size(part), which returns a width and a height.

local Part = require "netmcu.parts.part"

local Screen = Part.class {values = {}, failures = "silent"}

-- Returns a class of screens; see Part.class.
function Screen.class(class)
  class.__index = class
  return setmetatable(class, {__index = Screen})
end

-- Returns the width, the height, and a list of the colours of all pixels, row by row.
function Screen:picture()
  local width, height = self:size()
  local pixels = {}
  for y = 0, height - 1 do
    for x = 0, width - 1 do
      pixels[#pixels + 1] = self:pixel(x, y)
    end
  end
  return width, height, pixels
end

-- Returns the texts on the display, as tables of text, x, y and font. Only those that u8g2, u8g and
-- ucg have drawn are known; on a bus, a text is pixels.
function Screen:texts()
  return self.shown_texts or {}
end

-- Called when a canvas was shown, with its texts.
function Screen:show_texts(texts)
  if self.failing ~= "silent" then
    self.shown_texts = table.move(texts, 1, #texts, 1, {})
  end
end

-- Writes the picture to a PNG file. A pixel becomes a square of `scale` pixels; by default, small
-- pictures are enlarged.
function Screen:save(path, scale)
  if type(path) ~= "string" then
    error(string.format("part %s: save: the path of a PNG file expected", self.kind), 2)
  end
  local width, height, pixels = self:picture()
  if width * height == 0 then
    error(string.format("part %s: nothing has been drawn yet", self.kind), 2)
  end
  scale = math.max(1, scale or 512 // width)
  local file, message = io.open(path, "wb")
  if not file then
    error(message, 2)
  end
  file:write(require "netmcu.parts.png".encode(width, height, pixels, scale))
  file:close()
end

return Screen
