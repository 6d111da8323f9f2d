-- u8g2: texts are on the display as pixels, with the widths and heights of the device's fonts, and as
-- texts for a test.

local netmcu = require "netmcu"
local expect = require "expect"
local subrun = require "subrun"

local part = netmcu.part "ssd1306"
local display = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c)

-- Returns the pixels in a rectangle.
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

local function draw(fn, ...)
  display:clearBuffer()
  expect.nothing(fn(display, ...))
  display:sendBuffer()
end

-- Without a font, there is nothing to draw.
draw(display.drawStr, 0, 10, "x")
assert(display:getStrWidth "x" == 0 and display:getAscent() == 0 and #part:texts() == 0)

-- The glyphs of misc-fixed 6x10: the baseline is above the given row.
expect.nothing(display:setFont(u8g2.font_6x10_tf))
local A = "..#.. .#.#. #...# #...# ##### #...# #...#"
draw(display.drawStr, 3, 20, "A")
assert(pixels(3, 13, 5, 7) == A and pixels(0, 20, 128, 1) == ("."):rep(128))
assert(display:getAscent() == 7 and display:getDescent() == -2)
assert(display:getStrWidth "A" == 5 and display:getStrWidth "AA" == 11 and display:getStrWidth "" == 0)
draw(display.drawGlyph, 0, 7, 65)
assert(pixels(0, 0, 5, 7) == A and part:texts()[1].text == "A")

-- Positions
for name, row in pairs {Top = 21, Bottom = 11, Center = 15, Baseline = 13} do
  expect.nothing(display["setFontPos" .. name](display))
  draw(display.drawStr, 0, 20, "A")
  assert(pixels(0, row, 5, 7) == A, name)
end
display:setFont(u8g2.font_6x12_tf)
expect.nothing(display:setFontRefHeightExtendedText())
assert(display:getAscent() == 8 and display:getDescent() == -2)
display:setFontRefHeightAll()
assert(display:getAscent() == 10 and display:getDescent() == -2)
display:setFontRefHeightText()
assert(display:getAscent() == 7)
display:setFont(u8g2.font_6x10_tf)

-- Directions: to the right, down, to the left, up
local function turned(direction, x, y, width, height)
  display:setFontDirection(direction)
  draw(display.drawStr, 60, 30, "L")
  return pixels(x, y, width, height)
end
local L = "#.... #.... #.... #.... #.... #.... #####"
assert(turned(0, 60, 23, 5, 7) == L)
assert(turned(1, 61, 30, 7, 5) == "####### #...... #...... #...... #......")
assert(turned(2, 56, 31, 5, 7) == L:reverse())
assert(turned(3, 53, 26, 7, 5) == "......# ......# ......# ......# #######")
display:setFontDirection(0)

-- The mode says whether a text covers what is behind it.
for mode, corner in pairs {[0] = ".", [1] = "#"} do
  display:setFontMode(mode)
  display:clearBuffer()
  display:drawBox(0, 0, 20, 20)
  display:drawStr(0, 10, "A")
  display:sendBuffer()
  assert(pixels(0, 3, 1, 1) == corner and pixels(6, 3, 1, 1) == "#")
end

-- Characters: drawStr takes bytes of Latin-1, drawUTF8 characters; what a font lacks has no width.
assert(display:getStrWidth "\xb0C" == 11 and display:getUTF8Width "°C" == 11 and display:getStrWidth "°C" == 17)
draw(display.drawStr, 0, 10, "\xb0C")
local celsius = pixels(0, 0, 12, 10)
draw(display.drawUTF8, 0, 10, "°C")
assert(pixels(0, 0, 12, 10) == celsius and part:texts()[1].text == "°C")
assert(display:getUTF8Width "€\xff\x80A\xf0" == 5 and display:getStrWidth "A\0AAA" == 5)
display:setFont(u8g2.font_6x10_tn)
assert(display:getStrWidth "a1b2" == 11)
display:setFont(u8g2.font_6x10_tr)
assert(display:getStrWidth "\xb0a" == 5)
display:setFont(u8g2.font_6x10_mu)
assert(display:getStrWidth "aA" == 5)

-- A symbol is a box.
display:setFont(u8g2.font_unifont_t_symbols)
assert(display:getUTF8Width "☀☁" == 11 and display:getStrWidth "\x90" == 0)
draw(display.drawUTF8, 0, 9, "☀")
assert(pixels(0, 2, 6, 2) == "#####. #...#.")
display:setFont(u8g2.font_6x10_mu)

-- Texts replace each other, and clearBuffer removes them.
display:clearBuffer()
for i = 1, 3 do
  display:drawStr(5, 10, "count " .. i)
  display:drawStr(5, 20 + i, "more")
end
assert(part:texts()[1].text == "☀")
display:sendBuffer()
local texts = part:texts()
assert(#texts == 4 and texts[1].text == "count 3" and texts[1].x == 5 and texts[1].y == 10 and texts[4].y == 23)
for i = 1, 1000 do
  display:drawStr(i, 0, "x")
end
display:sendBuffer()
assert(#part:texts() == 256 and part:texts()[256].x == 1000)

-- Fonts of all sizes, among them those that are enlarged; bold ones are as wide
for name, width in pairs {["4x6_tf"] = 4, ["5x7_tf"] = 5, ["5x8_mf"] = 5, ["6x12_tf"] = 6, ["6x13B_tf"] = 6, ["7x13_tf"] = 7,
  ["8x13_tf"] = 8, ["9x15B_tf"] = 9, ["10x20_tf"] = 10, logisoso16_tf = 10, fub30_tf = 27, helvR08_tf = 6} do
  display:setFont(u8g2["font_" .. name])
  assert(display:getStrWidth "1M" - display:getStrWidth "M" == width, name)
end
display:setFont(u8g2.font_logisoso92_tn)
display:drawStr(0, 90, "123")
assert(display:getAscent() == 78)
assert(u8g2.font_6x10_tf == u8g2.font_6x10_tf and u8g2.sprite == nil and u8g2["font_%d"] == nil and u8g2[1] == nil)

-- A font that is not the device's is reported, once.
local status, output, errors = subrun([[
  local display = u8g2.ssd1306_128x64_noname(function() end)
  for _ = 1, 2 do
    display:setFont(u8g2.font_6x10_tf)
    display:setFont(u8g2.font_helvB24_tr)
  end
  print(display:getAscent())]])
assert(status == 0 and output == "26\n", output)
assert(errors == "netmcu: font_helvB24_tr is not the device's: 10x20, enlarged 2 times of X11 takes its place\n", errors)

for text, call in pairs {
  ["#1 to 'setFont' (invalid font)"] = function() display:setFont(nil) end,
  ["#3 to 'drawStr' (string expected, got no value)"] = function() display:drawStr(1, 2) end,
  ["#1 to 'getUTF8Width' (string expected, got table)"] = function() display:getUTF8Width {} end,
  ["#3 to 'drawGlyph' (number expected, got string)"] = function() display:drawGlyph(1, 2, "A") end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end

expect.finish()
