-- ucg: what a script draws is on the display at once, in its colours.

local netmcu = require "netmcu"
local expect = require "expect"

local RED, GREEN, BLUE = 0xff0000, 0x00ff00, 0x0000ff
local part = netmcu.part "display"
local display = ucg.st7735_18x128x160_hw_spi(1, 8, 4, 0)
expect.nothing(display:begin(ucg.FONT_MODE_TRANSPARENT))
assert(display:getWidth() == 128 and display:getHeight() == 160)

local function at(x, y)
  return part:pixel(x, y)
end

display:drawPixel(1, 2)
assert(at(1, 2) == 0xffffff and at(2, 2) == 0)
expect.nothing(display:setColor(255, 0, 0))
for method, arguments in pairs {drawBox = {0, 0, 9, 9}, drawDisc = {5, 5, 4, ucg.DRAW_ALL}, drawFrame = {5, 5, 3, 3},
  drawHLine = {0, 5, 9}, drawVLine = {5, 0, 9}, drawLine = {0, 0, 9, 9}, drawRBox = {1, 1, 9, 9, 2}, drawRFrame = {5, 5, 9, 9, 0},
  drawCircle = {5, 9, 4, ucg.DRAW_ALL}, drawTriangle = {0, 0, 9, 0, 9, 9}, drawTetragon = {0, 0, 9, 0, 9, 9, 0, 9}} do
  display:clearScreen()
  expect.nothing(display[method](display, table.unpack(arguments)))
  assert(at(5, 5) == RED and at(20, 20) == 0, method)
end

-- The constructors of older firmware do not take a bus.
local older = ucg.st7735_18x128x160_hw_spi(7, 4, 0)
older:drawPixel(0, 0)
assert(netmcu.parts()[2].settings.pin == 7 and netmcu.parts()[2]:pixel(0, 0) == 0xffffff)
display = ucg.st7735_18x128x160_hw_spi(8, 4)
display:setColor(255, 0, 0)

-- Gradients
display:setColor(1, 0, 255, 0)
display:setColor(2, 0, 0, 255)
display:setColor(3, 255, 255, 255)
display:drawGradientBox(10, 20, 11, 11)
assert(at(10, 20) == RED and at(20, 20) == GREEN and at(10, 30) == BLUE and at(20, 30) == 0xffffff)
assert(at(15, 20) == 0x7f7f00 and at(9, 20) == 0)
display:drawGradientLine(100, 100, 3, 1)
assert(at(100, 100) == RED and at(100, 101) == 0x7f7f00 and at(100, 102) == GREEN and at(100, 103) == 0)
display:draw90Line(50, 50, 3, 2, 2)
assert(at(48, 50) == BLUE and at(50, 50) == BLUE and at(47, 50) == 0)
display:drawGradientBox(-5, -5, 0, 0)
display:drawGradientLine(0, 0, 32767, 0)

-- Texts
display:clearScreen()
display:setFont(ucg.font_7x13_tr)
assert(display:getStrWidth "ab" == 14 and display:getFontAscent() == 9 and display:getFontDescent() == -2)
assert(display:drawString(0, 20, 0, "L") == 7 and display:drawGlyph(20, 20, 0, "Lx") == 7)
assert(at(1, 19) == RED and at(21, 19) == RED and at(6, 11) == 0)
display:setPrintPos(40, 20)
expect.nothing(display:print "L")
display:print(7)
display:setPrintDir(1)
display:print "down"
display:print "."
local texts = part:texts()
assert(#texts == 6 and texts[6].x == 54 and texts[6].y == 20 + 4 * 7, texts[6].y)
assert(texts[4].text == "7" and texts[4].x == 47 and texts[5].x == 54 and texts[5].y == 20)
display:drawString(60, 60, 1, "LL") -- downwards: the second letter is below the first one
local is_below = false
for y = 67, 73 do
  for x = 50, 70 do
    is_below = is_below or at(x, y) == RED
  end
end
assert(is_below)
display:setFontMode(ucg.FONT_MODE_SOLID)
display:drawString(0, 40, 0, "L")
assert(at(6, 36) == 0 and at(5, 36) == GREEN and at(5, 39) == RED)
display:setFontPosTop()
display:drawString(80, 50, 0, "L")
assert(at(80, 50) == 0 and at(80, 51) == RED)

-- Clipping, rotation and scale
display:clearScreen()
assert(#part:texts() == 0)
expect.nothing(display:setClipRange(10, 10, 5, 5))
display:drawBox(0, 0, 50, 50)
assert(at(9, 10) == 0 and at(10, 10) == RED and at(14, 14) == RED and at(15, 14) == 0)
display:undoClipRange()
display:drawPixel(0, 0)
assert(at(0, 0) == RED)
for method, place in pairs {setRotate90 = {126, 3}, setRotate180 = {124, 158}, setRotate270 = {1, 156}, undoRotate = {3, 1}} do
  display:clearScreen()
  expect.nothing(display[method](display))
  display:drawPixel(3, 1)
  assert(at(place[1], place[2]) == RED, method)
end
display:undoRotate()
display:setScale2x2()
display:drawPixel(50, 50)
assert(display:getWidth() == 64 and at(101, 101) == RED and at(102, 101) == 0)
display:undoScale()

for text, call in pairs {
  ["#1 to 'setColor' (an index from 0 to 3 expected)"] = function() display:setColor(4, 1, 2, 3) end,
  ["#3 to 'setColor' (number expected, got no value)"] = function() display:setColor(4, 1) end,
  ["#1 to 'begin' (number expected, got no value)"] = function() display:begin() end,
  ["#1 to 'setFont' (font data expected)"] = function() display:setFont(nil) end,
  ["#4 to 'drawDisc' (number expected, got no value)"] = function() display:drawDisc(1, 2, 3) end,
  ["#4 to 'drawGlyph' (string expected, got no value)"] = function() display:drawGlyph(1, 2, 3) end,
  ["#4 to 'drawString' (string expected, got no value)"] = function() display:drawString(1, 2, 3) end,
  ["#4 to 'drawBox' (number expected"] = function() display:drawBox(1, 2, 3) end,
  ["#3 to 'ili9341_18x240x320_hw_spi' (number expected"] = function() ucg.ili9341_18x240x320_hw_spi(1) end,
  ["#1 to 'clearScreen' (ucg.display expected, got nil)"] = function() display.clearScreen() end,
} do
  local done, problem = pcall(call)
  assert(not done and (problem:find(text, 1, true) or text:find "got nil" and problem:find "got no value"), tostring(problem))
end

expect.finish()
