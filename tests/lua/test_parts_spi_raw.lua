-- A script that drives a display or a strip of LEDs by spi calls of its own sees the same as one that
-- uses a module.

local netmcu = require "netmcu"
local expect = require "expect"

local BUS, CS, DC, MOSI = 1, 2, 3, 7

local function set_up()
  spi.setup(BUS, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 8, 8)
  gpio.mode(CS, gpio.OUTPUT)
  gpio.mode(DC, gpio.OUTPUT)
  gpio.write(CS, 1)
end

local function send(level, ...)
  gpio.write(DC, level)
  gpio.write(CS, 0)
  spi.send(BUS, ...)
  gpio.write(CS, 1)
end

local function look(part)
  return table.concat(select(3, part:picture()), " ")
end

-- ssd1306_spi: the picture that u8g2 draws, and the same one by raw bytes
set_up()
local settings = {pin = CS, dc = DC}
local part = netmcu.part("ssd1306_spi", settings)
local display = u8g2.ssd1306_128x64_noname(BUS, CS, DC)
display:setFont(u8g2.font_6x10_tf)
display:drawStr(3, 20, "SPI")
display:drawCircle(100, 40, 20)
display:sendBuffer()
display:setContrast(9)
local drawn = look(part)
assert(drawn:find "16777215" and part:texts()[1].text == "SPI" and part.contrast == 9)
part = netmcu.part("ssd1306_spi", settings)
assert(not look(part):find "16777215")
send(0, 0xae, 0xa8, 63, 0x20, 0, 0x21, 0, 127, 0x22, 0, 7, 0xa1, 0xc8, 0xaf)
for page = 0, 7 do
  send(1, display.canvas:page_bytes(page, 0, 128))
end
assert(look(part) == drawn)
part:set {failing = "silent"}
send(0, 0xae)
display:setPowerSave(1)
assert(part.is_on)
for _, dc in ipairs {13, 1.5, "x"} do
  expect.raises("part ssd1306_spi: dc: a pin from 0 to 12 expected", netmcu.part, "ssd1306_spi", {dc = dc})
end

-- Any other display on SPI gets its picture from the module only.
part:unplug()
assert(u8g2.pcd8544_84x48(BUS, CS, DC) and netmcu.parts()[1].kind == "display")
gpio.mode(CS, gpio.INPUT)

local function leds(strip)
  local list = {}
  for i = 1, strip:count() do
    list[i] = table.concat({strip:led(i)}, ",")
  end
  return table.concat(list, " ")
end

-- apa102: a frame ends as the data sheet says, or with one byte, as some scripts send it.
local strip = netmcu.part("apa102", {pin = MOSI, leds = 3})
spi.send(BUS, 0xff, 9, 9, 9) -- without the beginning of a frame
assert(leds(strip) == "0,0,0,0 0,0,0,0 0,0,0,0", leds(strip))
spi.send(BUS, 0, 0, 0, 0, {0xff, 3, 2, 1}, "\xe0\0\0\0", {0xff, 255, 255, 255}, 0xff)
assert(leds(strip) == "1,2,3,31 0,0,0,0 255,255,255,31", leds(strip))
spi.send(BUS, 0, 0, 0, 0, 0xe1, 6, 5, 4, 0xff, 0xff, 0xff, 0xff)
assert(leds(strip) == "4,5,6,1 255,255,255,31 255,255,255,31", leds(strip))
spi.send(BUS, 0xff, 0, 0, 0, 0, 1, 2, 3, 4) -- no LED's bytes begin with 1
spi.set_mosi(BUS, "\0\0\0\0\xf0\7\8\9")
spi.transaction(BUS, 0, 0, 0, 0, 64, 0, 0)
assert(leds(strip):find "^9,8,7,16 255", leds(strip))
spi.setup(BUS, spi.MASTER, spi.CPOL_LOW, spi.CPHA_LOW, 16, 8)
spi.send(BUS, 0, 0, 0xff00, 0x0001)
assert(leds(strip):find "^1,0,0,31 255", leds(strip))
strip:set {failing = "silent"}
spi.send(BUS, 0, 0, 0xff00, 0x0002)
assert(leds(strip):find "^1,0,0,31 255", leds(strip))

-- ws2801: bytes follow each other until the end of the callback, or of the strip.
set_up()
strip = netmcu.part("ws2801", {pin = MOSI})
spi.send(BUS, 1, 2, 3)
spi.send(BUS, 4, 5, 6)
assert(leds(strip) == "1,2,3 4,5,6", leds(strip))
node.task.post(expect(function()
  spi.send(BUS, 7, 8, 9, 10) -- the third colour of the second LED is missing
  assert(leds(strip) == "7,8,9 4,5,6", leds(strip))
  strip = netmcu.part("ws2801", {pin = MOSI, leds = 1})
  spi.send(BUS, 1, 2, 3, 4, 5, 6)
  assert(leds(strip) == "4,5,6", leds(strip))
end))

expect.finish()
