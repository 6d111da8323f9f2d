-- u8g2: setFont takes a font from a string, in the format that the device's library reads. A damaged
-- one draws something or nothing.

local netmcu = require "netmcu"
local expect = require "expect"

local part = netmcu.part "ssd1306"
local display = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c)

-- Returns a glyph. The rows are such as "##."; a run of zeros and ones takes 2 and 3 bits.
local function glyph(code, x, y, advance, rows)
  local bits, size = 0, 0
  local function add(value, count)
    bits, size = bits | value << size, size + count
  end
  local width, height, pixels = #rows:match "%S+", select(2, rows:gsub("%S+", "")), rows:gsub(" ", "")
  add(width, 4)
  add(height, 4)
  add(x + 4, 3)
  add(y + 4, 3)
  add(advance + 8, 4)
  for zeros, ones in pixels:gmatch "(%.*)(#*)" do
    if #zeros + #ones > 0 then
      add(#zeros, 2)
      add(#ones, 3)
      add(0, 1) -- the run does not repeat
    end
  end
  local data = ("<I8"):pack(bits):sub(1, (size + 7) // 8)
  local code_size = code > 255 and 2 or 1
  return (">I" .. code_size):pack(code) .. string.char(#data + code_size + 1) .. data
end

local digit = glyph(49, 0, 0, 4, ".# ## .#")
local upper = glyph(65, 1, -1, 5, ".#. ### #.#")
local lower = glyph(103, 0, -1, 3, "## ## .#")
local euro = glyph(0x20ac, 0, 0, 6, "#.# .#.")
local blocks = (">I2I2I2I2"):pack(8, 0x1000, 4, 0xffff) .. "\0\0\0\0" .. euro .. "\0\0\0"
local after_digit, after_upper = #digit, #digit + #upper
local header = string.char(4, 0, 2, 3, 4, 4, 3, 3, 4, 3, 3, 0, 255, 2, 255, 3, 254)
  .. (">I2I2I2"):pack(after_digit, after_upper, after_upper + #lower + 2)
local font = header .. digit .. upper .. lower .. "\0\0" .. blocks

local function draws(wanted, text)
  display:clearBuffer()
  display:drawUTF8(0, 3, text)
  display:sendBuffer()
  local rows = {}
  for y = 0, 3 do
    local row = {}
    for x = 0, 9 do
      row[x + 1] = part:pixel(x, y) ~= 0 and "#" or "."
    end
    rows[y + 1] = table.concat(row)
  end
  assert(table.concat(rows, " ") == wanted, table.concat(rows, "\n"))
end

expect.nothing(display:setFont(font))
draws(".#........ ##........ .#........ ..........", "1")
draws(".......... ..#....... .###...... .#.#......", "A")
draws("....#..... ##.##..... ##..#..... .#........", "g1")
draws(".......... #.#.....#. .#.....### .......#.#", "€A")
assert(display:getAscent() == 2 and display:getDescent() == -1)
display:setFontRefHeightExtendedText()
assert(display:getAscent() == 3 and display:getDescent() == -2)
display:setFontRefHeightAll()
assert(display:getAscent() == 2 and display:getDescent() == -1)
assert(display:getStrWidth "1A" == 8 and display:getUTF8Width "€?" == 3 and display:getStrWidth "B" == 0)
assert(part:texts()[1].font == "font")

-- Damaged fonts: cut off, or with other bytes
for size = 23, #font, 7 do
  display:setFont(font:sub(1, size))
  display:drawUTF8(0, 20, "1Ag€")
end
for _ = 1, 300 do
  local bytes = {font:byte(1, -1)}
  for _ = 1, 3 do
    bytes[math.random(#bytes)] = math.random(0, 255)
  end
  display:setFont(string.char(table.unpack(bytes)))
  display:drawUTF8(0, 20, "1Ag€")
  display:getUTF8Width "1Ag€"
end
local done, problem = pcall(display.setFont, display, "short")
assert(not done and problem:find "#1 to 'setFont' %(invalid font%)", problem)

expect.finish()
