-- Strips of LEDs: a test reads the colour of each LED, whichever module has sent it.

local netmcu = require "netmcu"
local expect = require "expect"

local function led(strip, i)
  return table.concat({strip:led(i)}, " ")
end

-- The default strip is as long as what it was sent. Without init, nothing is sent.
ws2812.write("\1\2\3")
assert(#netmcu.parts() == 0)
expect.nothing(ws2812.init())
expect.nothing(ws2812.write("\1\2\3\4\5\6"))
local strip = netmcu.parts()[1]
assert(strip.kind == "ws2812" and strip.settings.pin == 4 and strip:count() == 2)
assert(led(strip, 1) == "2 1 3" and led(strip, 2) == "5 4 6")
local width, height, colors = strip:picture()
assert(width == 2 and height == 1 and colors[1] == 0x020103 and colors[2] == 0x050406)

-- Fewer bytes leave the other LEDs as they are. A buffer of four channels has white LEDs.
ws2812.write("\9\9\9")
assert(led(strip, 1) == "9 9 9" and led(strip, 2) == "5 4 6")
ws2812.write(pixbuf.newBuffer(3, 4):fill(10, 20, 30, 240))
assert(strip:count() == 3 and led(strip, 3) == "20 10 30 240" and strip:pixel(0) == 0xfffaff)
ws2812.write(nil)
assert(led(strip, 3) == "20 10 30 240")
expect.nothing(ws2812.newBuffer(1, 4):fill(1, 2, 3, 4):write()) -- in older firmware
assert(led(strip, 1) == "2 1 3 4" and led(strip, 3) == "20 10 30 240")

-- A strip with a length and an order; the second strip of the dual mode
strip = netmcu.part("ws2812", {leds = 2, order = "rgb"})
local second = netmcu.part "ws2812,pin=10,leds=1"
ws2812.write(("\1\2\3"):rep(5), "\1\2\3")
assert(strip:count() == 2 and led(strip, 2) == "1 2 3" and led(second, 1) == "0 0 0")
ws2812.init(ws2812.MODE_DUAL)
ws2812.write(nil, "\1\2\3")
assert(led(second, 1) == "2 1 3" and #netmcu.parts() == 2)

second:set {failing = "silent"}
ws2812.write(nil, "\9\9\9")
assert(led(second, 1) == "2 1 3")

-- Older firmware named the pin, and needed no init.
expect.nothing(ws2812.write(2, "\1\2\3"))
expect.nothing(ws2812.writergb(3, "\1\2\3\n\5\6\7"))
local older = netmcu.parts()
assert(older[3].settings.pin == 2 and led(older[3], 1) == "2 1 3")
assert(older[4].settings.pin == 3 and led(older[4], 1) == "1 2 3" and led(older[4], 2) == "10 5 6")
older[3]:unplug()
older[4]:unplug()

-- The other strips: where they are, and what their bytes mean
local function only(kind)
  for _, part in ipairs(netmcu.parts()) do
    if part.kind == kind then
      return part
    end
  end
end

expect.nothing(apa102.write(2, 3, "\255\1\2\3\16\255\0\0xyz"))
strip = only "apa102"
assert(strip.settings.pin == 2 and #strip.data == 8 and strip:count() == 2 and led(strip, 1) == "3 2 1 31" and led(strip, 2) == "0 0 255 16")
assert(strip:pixel(0) == 0x030201 and strip:pixel(1) == 255 * 16 // 31)
apa102.write(2, 3, pixbuf.newBuffer(1, 4):fill(31, 7, 8, 9))
assert(led(strip, 1) == "9 8 7 31")

for led = 100000, 100001 do
  local done, problem = pcall(apa102.write, 2, 3, ("\255\1\1\1"):rep(led))
  assert(done == (led == 100000) and (done or problem:find("too long", 1, true)), problem)
end

ws2801.write("\1\2\3")
assert(not only "ws2801")
ws2801.init(4, 5)
expect.nothing(ws2801.write("\1\2\3"))
assert(only "ws2801".settings.pin == 1 and led(only "ws2801", 1) == "1 2 3")
for _, pins in ipairs {{1, 3}, {1, 5}, {5, 1}} do -- the module does not have all of these pins
  ws2801.init(table.unpack(pins))
  ws2801.write("\7\7\7")
  assert(led(only "ws2801", 1) == "1 2 3")
end
expect.nothing(ws2801.init())
ws2801.write("\7\7\7")
assert(#netmcu.parts() == 4) -- the pin 4 belongs to the plugged-in ws2812

expect.nothing(tm1829.write(5, "\255\0\0\1\2\3"))
assert(led(only "tm1829", 1) == "0 0 255" and led(only "tm1829", 2) == "2 3 1")
tm1829.write(5, pixbuf.newBuffer(1, 3):fill(4, 5, 6))
assert(led(only "tm1829", 1) == "5 6 4")

-- Wrong arguments
for text, call in pairs {
  ["gpio 99 does not exist"] = function() ws2812.writergb(99, "") end,
  ["bad argument #2 to 'write' (string expected, got no value)"] = function() ws2812.write(4) end,
  ["bad argument #1 to 'init' (ws2812.SINGLE or ws2812.DUAL expected)"] = function() ws2812.init(2) end,
  ["bad argument #2 to 'write' (ws2812.buffer or string expected)"] = function() ws2812.write(nil, 5) end,
  ["gpio 13 does not exist"] = function() apa102.write(1, 13, "") end,
  ["gpio 14 does not exist"] = function() tm1829.write(14, "") end,
  ["bad argument #3 to 'write' (Pixbuf not 4-channel)"] = function() apa102.write(1, 2, pixbuf.newBuffer(1, 3)) end,
  ["bad argument #2 to 'write' (Bad pixbuf)"] = function() tm1829.write(1, pixbuf.newBuffer(1, 4)) end,
  ["bad argument #1 to 'write' (string expected, got no value)"] = function() ws2801.write() end,
  ["part ws2812: leds: an integer from 1 to 8192 expected"] = function() netmcu.part("ws2812", {leds = 0}) end,
  ["part apa102: order: an order of r, g, b and w expected"] = function() netmcu.part("apa102", {order = "rg"}) end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end

-- Under strict, there are only the strips that were plugged in.
netmcu.options {strict = true}
tm1829.write(6, "abc")
ws2812.write("\1\1\1")
assert(#netmcu.parts() == 5)

expect.finish()
