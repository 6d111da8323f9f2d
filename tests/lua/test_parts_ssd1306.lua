-- ssd1306: a display that a script drives by raw I²C shows the same picture as one that u8g2 drives,
-- in each of the three ways of addressing its memory.

local netmcu = require "netmcu"
local expect = require "expect"

local BUS, ADDRESS = 0, 0x3c
i2c.setup(BUS, 5, 6, i2c.SLOW)

local function send(control, ...)
  i2c.start(BUS)
  assert(i2c.address(BUS, ADDRESS, i2c.TRANSMITTER))
  i2c.write(BUS, control, ...)
  i2c.stop(BUS)
end

local function command(...)
  send(0x00, ...)
end

-- Returns the picture as a text.
local function look(part)
  local width, height, pixels = part:picture()
  local rows = {}
  for y = 0, height - 1 do
    rows[y + 1] = table.concat(pixels, " ", y * width + 1, (y + 1) * width)
  end
  return width .. "x" .. height .. "\n" .. table.concat(rows, "\n"):gsub("16777215", "#"):gsub("0", "."):gsub(" ", "")
end

-- The picture that u8g2 draws
local part = netmcu.part "ssd1306"
local display = u8g2.ssd1306_i2c_128x64_noname(BUS, ADDRESS)
display:setFont(u8g2.font_6x10_tf)
display:drawStr(3, 20, "21.5\xb0C")
display:drawCircle(100, 40, 20)
display:drawFrame(0, 0, 128, 64)
assert(not look(part):find "#", "shown before sendBuffer")
display:sendBuffer()
local drawn = look(part)
assert(drawn:find "^128x64\n" and select(2, drawn:gsub("#", "")) > 400)
local texts = part:texts()
assert(#texts == 1 and texts[1].text == "21.5\xb0C" and texts[1].x == 3 and texts[1].y == 20
  and texts[1].font == "font_6x10_tf")

-- Its bytes, page by page
local pages = {}
for page = 0, 7 do
  local bytes = {}
  for x = 0, 127 do
    local byte = 0
    for y = 0, 7 do
      byte = byte | (part:pixel(x, page * 8 + y) ~= 0 and 1 << y or 0)
    end
    bytes[x + 1] = byte
  end
  pages[page] = bytes
end

-- Plugs in a new display, and starts it as most libraries do.
local function start(mode)
  part = netmcu.part "ssd1306"
  command(0xae)
  for _, sequence in ipairs {{0xd5, 0x80}, {0xa8, 63}, {0xd3, 0}, {0x40}, {0x8d, 0x14}, {0x20, mode}, {0xa1}, {0xc8},
    {0xda, 0x12}, {0x81, 0xcf}, {0xd9, 0xf1}, {0xdb, 0x40}, {0x2e}, {0xa4}, {0xa6}, {0xaf}} do
    command(table.unpack(sequence))
  end
end

-- Horizontal, with a window; the transfers are short, as Arduino's buffer is
start(0)
command(0x21, 0, 127, 0x22, 0, 7)
for page = 0, 7 do
  for x = 1, 128, 16 do
    send(0x40, table.unpack(pages[page], x, x + 15))
  end
end
assert(look(part) == drawn)
send(0x40, 0) -- the window begins again
assert(look(part) ~= drawn)

-- Vertical: down the pages, then to the next column
start(1)
command(0x21, 0, 127)
command(0x22, 0, 7)
for x = 1, 128 do
  local column = {}
  for page = 0, 7 do
    column[page + 1] = pages[page][x]
  end
  send(0x40, column)
end
assert(look(part) == drawn)

-- By pages. Each byte has a control byte of its own, as some libraries send them.
start(2)
for page = 0, 7 do
  send(0x80, 0xb0 | page, 0x80, 0x02, 0x80, 0x10)
  local bytes = {}
  for x = 3, 128 do
    bytes[#bytes + 1], bytes[#bytes + 2] = 0xc0, pages[page][x]
  end
  for x = 1, 2 do -- the column wraps around within the page
    bytes[#bytes + 1], bytes[#bytes + 2] = 0xc0, pages[page][x]
  end
  send(table.unpack(bytes))
end
assert(look(part) == drawn)

-- What changes the picture without changing the memory
local function flip(text)
  local rows = {}
  for row in text:gmatch "[.#]+" do
    table.insert(rows, 1, row:reverse())
  end
  return "128x64\n" .. table.concat(rows, "\n")
end
command(0xa0)
assert(look(part) == drawn) -- only what is written from now on is mirrored
for page = 0, 7 do
  send(0x80, 0xb0 | page, 0x80, 0x00, 0x80, 0x10, 0x40, table.unpack(pages[page]))
end
command(0xc0)
assert(look(part) == flip(drawn:match "\n(.*)"))
start(0)
command(0x21, 0, 127, 0x22, 0, 7)
for page = 0, 7 do
  send(0x40, table.unpack(pages[page]))
end
command(0xa7)
assert(look(part) == drawn:gsub("[.#]", {["."] = "#", ["#"] = "."}))
command(0xa6, 0xa5)
assert(not look(part):find "%.")
command(0xa4, 0xae)
assert(not look(part):find "#")
i2c.start(BUS)
i2c.address(BUS, ADDRESS, i2c.RECEIVER)
assert(i2c.read(BUS, 1) == "\x40")
i2c.stop(BUS)
command(0xaf, 0x81, 10, 0x48) -- the picture begins with row 8
assert(part.contrast == 10 and part:pixel(0, 0) ~= 0 and part:pixel(1, 56) ~= 0 and part:pixel(1, 63) == 0)
command(0x40, 0xd3, 8)
assert(part:pixel(1, 56) ~= 0)
command(0xd3, 0, 0xa8, 31)
assert(look(part):find "^128x32\n")
command(0xa8, 63)
assert(look(part) == drawn)

-- A scroll of the page 2 to the right, one column in two frames, which take 18.6 ms; then one of all
-- pages to the left and up, within the rows 16 to 47. The test looks when it has begun, not when
-- a certain time has passed.
local function wait_for(x, y)
  while part:pixel(x, y) == 0 do
    tmr.delay(5000)
  end
end
start(2)
command(0xb2, 0x00, 0x10)
send(0x40, 0xff)
command(0xb3, 0x00, 0x10)
send(0x40, 0x01)
command(0x26, 0, 2, 7, 2, 0, 0xff)
assert(part:pixel(0, 16) ~= 0)
command(0x2f)
wait_for(2, 23)
assert(part:pixel(0, 16) == 0 and part:pixel(0, 24) ~= 0)
command(0x2e)
assert(part:pixel(0, 16) ~= 0) -- as the memory was
command(0x2a, 0, 0, 7, 7, 1, 0xa3, 16, 32, 0x2f)
wait_for(127, 47)
command(0x2e, 0x27, 0, 2, 7, 2, 0, 0xff, 0x2f)
wait_for(126, 16)
command(0x2e, 0x29, 0, 0, 7, 7, 0, 0x2f)
wait_for(2, 24)
command(0x2e)

-- The rows of a display of 64 rows are wired in turns, those of a display of 32 rows in order. If
-- the controller is set up for the other wiring, they are in the wrong places (section 10.1.18).
local function rows_of(height, layout)
  part = netmcu.part("ssd1306", {height = height})
  command(0xa8, height - 1, 0x20, 0, 0xa1, 0xc8, 0xda, layout, 0xaf)
  local rows = {}
  for row = 0, height - 1 do
    command(0x21, 0, 127, 0x22, row // 8, row // 8)
    send(0x40, 1 << row % 8)
    for y = 0, height - 1 do
      if part:pixel(0, y) ~= 0 then
        rows[#rows + 1] = y
      end
    end
    command(0x21, 0, 127, 0x22, row // 8, row // 8)
    send(0x40, 0)
  end
  return rows
end
local function listed(first, last, step)
  local list = {}
  for y = first, last, step or 1 do
    list[#list + 1] = y
  end
  return table.concat(list, " ")
end
assert(table.concat(rows_of(64, 0x12), " ") == listed(0, 63))
assert(table.concat(rows_of(64, 0x02), " ") == listed(0, 62, 2) .. " " .. listed(1, 63, 2))
assert(table.concat(rows_of(64, 0x22), " ") == listed(1, 63, 2) .. " " .. listed(0, 62, 2))
local swapped = rows_of(64, 0x32)
assert(#swapped == 64 and swapped[1] == 1 and swapped[2] == 0 and swapped[64] == 62)
assert(table.concat(rows_of(32, 0x02), " ") == listed(0, 31))
assert(table.concat(rows_of(32, 0x12), " ") == listed(16, 31))

-- The settings of the display
part = netmcu.part("ssd1306", {address = 0x3d, width = 64, height = 48})
local width, height = part:picture()
assert(width == 64 and height == 48)
display = u8g2.ssd1306_i2c_64x48_er(BUS, 0x3d)
display:drawPixel(0, 0)
display:drawPixel(63, 47)
display:sendBuffer()
assert(part:pixel(0, 0) ~= 0 and part:pixel(63, 47) ~= 0 and part:pixel(32, 0) == 0)
for problem, settings in pairs {["width: an integer from 1 to 128 expected"] = {width = 129},
  ["height: an integer from 1 to 64 expected"] = {height = 0}, ["controller: ssd1306 or sh1106"] = {controller = "x"}} do
  local done, message = pcall(netmcu.part, "ssd1306", settings)
  assert(not done and message:find(problem, 1, true), message)
end

-- An SH1106 has more columns than the display; u8g2 knows.
part = netmcu.part("ssd1306", {controller = "sh1106"})
display = u8g2.sh1106_i2c_128x64_noname(BUS, ADDRESS)
display:drawFrame(0, 0, 128, 64)
display:sendBuffer()
assert(part:pixel(0, 9) ~= 0 and part:pixel(127, 9) ~= 0 and part:pixel(1, 9) == 0 and part:pixel(126, 9) == 0)

-- What u8g2 does to the display
display:setContrast(77)
display:setPowerSave(1)
assert(part.contrast == 77 and not part.is_on)
display:setPowerSave(0)
display:drawPixel(5, 5)
display:setFlipMode(1)
display:sendBuffer()
assert(part:pixel(122, 58) ~= 0 and part:pixel(5, 5) == 0)

-- A display that does not answer keeps its picture.
part:set {failing = "silent"}
display:clearBuffer()
display:setFont(u8g2.font_6x10_tf)
display:drawStr(0, 30, "unseen")
display:sendBuffer()
assert(part:pixel(122, 58) ~= 0 and #part:texts() == 0)

-- No display: nothing answers, and nothing fails, as on the device.
netmcu.options {strict = true}
part:unplug()
display:sendBuffer()
assert(#netmcu.parts() == 1)

expect.finish()
