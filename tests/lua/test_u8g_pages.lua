-- u8g: the pages of a picture loop make one picture, and the drawing calls do what u8glib does.

local netmcu = require "netmcu"
local expect = require "expect"

local part = netmcu.part "ssd1306"
local display = u8g.ssd1306_128x64_i2c(0x3c)

local function pixels(x, y, width, height)
  local rows = {}
  for row = y, y + height - 1 do
    local bits = {}
    for column = x, x + width - 1 do
      bits[#bits + 1] = part:pixel(column, row) ~= 0 and "#" or "."
    end
    rows[#rows + 1] = table.concat(bits)
  end
  return table.concat(rows, " ")
end

-- Returns in how many pages the display was drawn.
local function draw(fn)
  local pages = 0
  expect.nothing(display:firstPage())
  repeat
    fn(pages)
    pages = pages + 1
  until not display:nextPage()
  return pages
end

-- All pages appear, at the end. A page does not change what is in another one.
local pages = draw(function(page)
  assert(pixels(0, 0, 1, 1) == ".")
  display:drawFrame(0, 0, 128, 64)
  if page == 0 or page == 3 then
    display:drawVLine(64 - page, 0, 64)
  end
end)
assert(pages == 8)
assert(pixels(0, 0, 3, 2) == "### #.." and pixels(125, 62, 3, 2) == "..# ###")
assert(pixels(61, 24, 1, 8) == "# # # # # # # #" and pixels(61, 23, 1, 1) == "." and pixels(61, 32, 1, 1) == ".")
assert(pixels(64, 7, 1, 2) == "# .")
assert(draw(function() end) == 8 and pixels(0, 0, 2, 1) == "..")

-- Texts, in four directions; the width is returned
display:setFont(u8g.font_6x10)
draw(function() assert(display:drawStr(0, 7, "L\xb0") == 12) end)
assert(pixels(0, 0, 5, 7) == "#.... #.... #.... #.... #.... #.... #####" and part:texts()[1].text == "L\xb0")
draw(function()
  display:drawStr90(60, 30, "L")
  display:drawStr180(60, 30, "L")
  display:drawStr270(60, 30, "L")
end)
assert(pixels(61, 30, 7, 2) == "####### #......" and pixels(56, 31, 5, 2) == "##### ....#" and pixels(53, 30, 7, 1) == "#######")
assert(display:getStrWidth "AB" == 12 and display:getFontAscent() == 7 and display:getFontDescent() == -2)
assert(display:getFontLineSpacing() == 9)
expect.nothing(display:setFontLineSpacingFactor(128))
assert(display:getFontLineSpacing() == 18)
display:setFont(u8g.font_6x10r)
assert(display:getStrWidth "A\xb0" == 6)
display:setFont(nil)
display:setFontPosTop()
draw(function() display:drawStr(0, 0, "L") end)
assert(pixels(0, 0, 2, 2) == ".. #.")
display:setFontPosBaseline()

-- Colours: 0 clears
assert(display:getColorIndex() == 1 and display:getMode() == u8g.MODE_BW)
draw(function()
  display:drawBox(0, 0, 3, 1)
  display:setColorIndex(0)
  display:drawPixel(1, 0)
  display:setDefaultForegroundColor()
end)
assert(pixels(0, 0, 4, 1) == "#.#." and display:getColorIndex() == 1)
display:setDefaultBackgroundColor()
assert(display:getColorIndex() == 0)
display:setColorIndex(1)

-- Bitmaps draw only what is set.
draw(function()
  display:drawBitmap(0, 0, 2, 1, "\xa0\1")
  display:drawXBM(0, 1, 8, 1, "\5")
end)
assert(pixels(0, 0, 16, 2) == "#.#............# #.#.............")

-- Rotations and scale
for method, place in pairs {setRot90 = {126, 3}, setRot180 = {124, 62}, setRot270 = {1, 60}, undoRotation = {3, 1}} do
  expect.nothing(display[method](display))
  draw(function() display:drawPixel(3, 1) end)
  assert(part:pixel(place[1], place[2]) ~= 0, method)
end
display:setRot90()
assert(display:getWidth() == 64 and display:getHeight() == 128)
display:undoRotation()
display:setScale2x2()
assert(display:getWidth() == 64 and display:getHeight() == 32)
draw(function() display:drawPixel(1, 0) end)
assert(pixels(1, 0, 4, 3) == ".##. .##. ....")
display:undoScale()

-- The display itself
display:sleepOn()
assert(not part.is_on)
display:sleepOff()
display:setContrast(9)
assert(part.is_on and part.contrast == 9)
display:begin()

-- Displays on SPI, of crystals and with shades of grey
local lcd = u8g.pcd8544_84x48_hw_spi(8, 4, 0)
assert(lcd:getWidth() == 84 and lcd:getHeight() == 48 and u8g.ssd1322_nhd31oled_gr_hw_spi(7, 4):getMode() == u8g.MODE_GRAY2BIT)
lcd:firstPage()
repeat lcd:drawPixel(83, 47) until lcd:nextPage() == false
for _, other in ipairs(netmcu.parts()) do
  if other.kind == "display" and other.settings.pin == 8 then
    local width, height, colors = other:picture()
    assert(width == 84 and height == 48 and colors[1] > colors[84 * 48])
  end
end

-- A display without hardware gets the runs of each row.
local rows = {}
local virtual = u8g.fb_rle(function(line) rows[#rows + 1] = line or "frame" end, 16, 8)
virtual:firstPage()
repeat
  virtual:drawPixel(0, 0)
  virtual:drawHLine(4, 0, 12)
until not virtual:nextPage()
assert(#rows == 9 and rows[1] == "frame" and rows[2] == "\2\0\1\4\12" and rows[3] == "\0")

for text, call in pairs {
  ["i2c address required"] = function() u8g.ssd1306_128x64_i2c(0) end,
  ["CS pin required"] = function() u8g.ssd1306_128x64_hw_spi(0, 4) end,
  ["D/C pin required"] = function() u8g.ssd1306_128x64_spi(8, 0) end,
  ["#1 to 'sh1106_128x64_i2c' (number expected, got no value)"] = function() u8g.sh1106_128x64_i2c() end,
  ["#2 to 'fb_rle' (a multiple of 8"] = function() u8g.fb_rle(print, 12, 8) end,
  ["#1 to 'fb_rle' (function expected, got number)"] = function() u8g.fb_rle(8, 8, 8) end,
  ["#1 to 'nextPage' (u8g.display expected, got table)"] = function() display.nextPage {} end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end

expect.finish()
