-- The pictures that the page asks for do not stay in the script's memory, however many colours a
-- strip has shown.

local device = require "netmcu.page.device"
local expect = require "expect"

local LEDS = 500
ws2812.init()
local buffer = pixbuf.newBuffer(LEDS, 3)

local function show(first)
  for i = 1, LEDS do
    local color = first + i
    buffer:set(i, color >> 16 & 255, color >> 8 & 255, color & 255)
  end
  ws2812.write(buffer)
  return device.picture(1)
end

local function memory()
  collectgarbage()
  collectgarbage()
  return collectgarbage "count"
end

local picture = show(0x030201)
local width, height = (">I2I2"):unpack(picture)
assert(#picture == 4 + 3 * width * height)
local before = memory()
for round = 1, 40 do
  show(round * LEDS)
end
assert(memory() - before < 100, memory() - before)

expect.finish()
