-- u8g2: the shapes that a script draws are on the display, in the colours, rotations and modes that
-- it has chosen.

local netmcu = require "netmcu"
local expect = require "expect"

local part = netmcu.part "ssd1306"
local display = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c)

-- Draws on an empty display, and compares its upper left corner.
local function draws(wanted, draw)
  display:clearBuffer()
  draw()
  display:sendBuffer()
  local rows, columns = {}, #wanted:match "%S+"
  for _ in wanted:gmatch "%S+" do
    local row = {}
    for x = 1, columns do
      row[x] = part:pixel(x - 1, #rows) ~= 0 and "#" or "."
    end
    rows[#rows + 1] = table.concat(row)
  end
  wanted = wanted:gsub("%s+", "\n"):gsub("^\n", ""):gsub("\n$", "")
  assert(table.concat(rows, "\n") == wanted, "\n" .. table.concat(rows, "\n"))
end

local function check(wanted, method, ...)
  local arguments = table.pack(...)
  draws(wanted, function() expect.nothing(display[method](display, table.unpack(arguments, 1, arguments.n))) end)
end

check("... .#. ...", "drawPixel", 1, 1)
check(".... .### ....", "drawHLine", 1, 1, 3)
check("... .#. .#. ...", "drawVLine", 1, 1, 2)
check(".... .##. .##. ....", "drawBox", 1, 1, 2, 2)
check("#### #..# #### ....", "drawFrame", 0, 0, 4, 3)
check("#.... .#... ..#.. ...#. .....", "drawLine", 0, 0, 3, 3)
check("##... ..##. .....", "drawLine", 3, 1, 0, 0)
check(".###. #...# #...# #...# .###. .....", "drawCircle", 2, 2, 2)
check("...#####... ..#.....#.. .#.......#. "
  .. "#.........# #.........# #.........# #.........# #.........# .#.......#. ..#.....#.. ...#####... ", "drawCircle", 5, 5, 5)
check(".###. ##### ##### ##### .###. .....", "drawDisc", 2, 2, 2)
check("..##. ....# ....# .....", "drawCircle", 2, 2, 2, u8g2.DRAW_UPPER_RIGHT)
check("..... ..... ###.. ###.. .##.. .....", "drawDisc", 2, 2, 2, u8g2.DRAW_LOWER_LEFT)
check(".#####. #.....# .#####. .......", "drawEllipse", 3, 1, 3, 1)
check("....... ####### .#####. .......", "drawFilledEllipse", 3, 1, 3, 1, u8g2.DRAW_LOWER_LEFT | u8g2.DRAW_LOWER_RIGHT)
check(".####. #....# #....# .####. ......", "drawRFrame", 0, 0, 6, 4, 1)
check(".####. ###### ###### .####. ......", "drawRBox", 0, 0, 6, 4, 1)
check("##### ####. ###.. ##... #....", "drawTriangle", 0, 0, 4, 0, 0, 4)
check("#.#. .... ...# ....", "drawXBM", 0, 0, 4, 3, "\5\0\8")

-- Clipped, and coordinates that nothing can draw
check("##. ##. ...", "drawBox", -3, -3, 5, 5)
check("... ...", "drawBox", -32768, -32768, 32767, 32767)
check("### ###", "drawBox", -5, -5, 32767, 32767)
check("#.. ...", "drawLine", -20000, -20000, 0, 0)
check("... ...", "drawDisc", -20000, 9, 19990)
check("... ...", "drawXBM", 300, 300, 32767, 32767, "")
check("... ...", "drawPixel", 1 << 40 | 200, 0 / 0)

-- Colours
draws("#### #..# #### ....", function()
  display:drawBox(0, 0, 4, 3)
  display:setDrawColor(0)
  display:drawHLine(1, 1, 2)
end)
draws("#.## ....", function()
  display:setDrawColor(2)
  display:drawHLine(0, 0, 3)
  display:drawHLine(1, 0, 1)
  display:drawHLine(3, 0, 1)
end)
display:setDrawColor(1)

-- A bitmap sets or clears what is behind it, or only draws its ones.
draws("#.## ....", function()
  display:drawBox(0, 0, 4, 1)
  display:drawXBM(0, 0, 2, 1, "\1")
end)
draws("#### ....", function()
  display:setBitmapMode(1)
  display:drawBox(0, 0, 4, 1)
  display:drawXBM(0, 0, 2, 1, "\1")
end)

-- Rotations: a pixel of the script, and where it is on the display
for name, place in pairs {R0 = {3, 1}, R1 = {126, 3}, R2 = {124, 62}, R3 = {1, 60}, MIRROR = {124, 1}} do
  part = netmcu.part "ssd1306"
  display = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c)
  expect.nothing(display:setDisplayRotation(u8g2[name]))
  display:drawPixel(3, 1)
  display:sendBuffer()
  assert(part:pixel(place[1], place[2]) ~= 0, name)
end
display:setDisplayRotation(u8g2.R1)
display:drawBox(0, 0, 64, 128)
display:sendBuffer()
local _, _, pixels = part:picture()
assert(pixels[1] ~= 0 and pixels[128 * 64] ~= 0)

-- A part of the display
display:setDisplayRotation(u8g2.R0)
display:clearBuffer()
display:sendBuffer()
display:drawBox(0, 0, 128, 64)
expect.nothing(display:updateDisplayArea(1, 2, 2, 1))
assert(part:pixel(8, 16) ~= 0 and part:pixel(23, 23) ~= 0 and part:pixel(7, 16) == 0 and part:pixel(24, 16) == 0
  and part:pixel(8, 15) == 0 and part:pixel(8, 24) == 0)
display:updateDisplayArea(15, 7, 255, 255)
display:updateDisplayArea(16, 8, 1, 1)
assert(part:pixel(127, 63) ~= 0 and part:pixel(119, 63) == 0)
expect.nothing(display:updateDisplay())
assert(part:pixel(0, 0) ~= 0)

-- Wrong arguments
for text, call in pairs {
  ["#4 to 'drawBox' (number expected, got no value)"] = function() display:drawBox(1, 2, 3) end,
  ["#1 to 'drawLine' (number expected, got string)"] = function() display:drawLine("x", 2, 3, 4) end,
  ["#4 to 'drawCircle' (number expected, got table)"] = function() display:drawCircle(1, 2, 3, {}) end,
  ["#5 to 'drawXBM' (string expected, got no value)"] = function() display:drawXBM(1, 2, 3, 4) end,
  ["#1 to 'drawPixel' (u8g2.display expected, got table)"] = function() display.drawPixel({}, 1, 2) end,
  ["#1 to 'setDrawColor' (number expected, got no value)"] = function() display:setDrawColor() end,
  ["#1 to 'setDisplayRotation' (u8g2.R0"] = function() display:setDisplayRotation(5) end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end

expect.finish()
