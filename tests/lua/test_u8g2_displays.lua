-- u8g2: all displays of the firmware have constructors; a display without hardware passes its rows to
-- a callback.

local netmcu = require "netmcu"
local expect = require "expect"
local i2c_bus = require "i2c_bus"

-- Every constructor makes a display of its size, on its bus.
local sizes = {ssd1306_i2c_64x48_er = "64x48", uc1611_i2c_ea_dogxl240 = "240x128", pcd8544_84x48 = "84x48",
  st7586s_s028hn118a = "384x136", max7219_32x8 = "32x8", st7565_ea_dogm132 = "132x32"}
local count = 0
for name, constructor in pairs(u8g2) do
  if type(constructor) == "function" then
    local rows, longest = 0, 0
    local display = constructor(function(line)
      rows = line and rows + 1 or 0
      longest = math.max(longest, line and line:byte() > 0 and line:byte(2) + line:byte(3) or 0)
    end)
    display:drawBox(0, 0, 400, 400)
    display:sendBuffer()
    if sizes[name] then
      local width, height = sizes[name]:match "(%d+)x(%d+)"
      assert(rows == tonumber(height) and longest == tonumber(width) & 255, name)
    end
    count = count + 1
  end
end
assert(count == 123 and #netmcu.parts() == 0, count)

-- The callback gets nil, then a line for each row, beside a display too.
local lines = {}
local function note(line)
  lines[#lines + 1] = line or "frame"
end
local display = u8g2.pcd8544_84x48(1, 8, 4, 0, note)
display:drawPixel(0, 0)
display:drawHLine(10, 0, 5)
assert(#lines == 0)
display:sendBuffer()
assert(#lines == 49 and lines[1] == "frame" and lines[2] == "\2\0\1\10\5" and lines[49] == "\0")
local part = netmcu.parts()[1]
local width, height, colors = part:picture()
assert(part.kind == "display" and part.settings.pin == 8 and width == 84 and height == 48)
assert(colors[1] < colors[2] and part:is_lit(14, 0) and not part:is_lit(15, 0))
display:setContrast(77)
assert(part.contrast == 77)
display:setPowerSave(1)
assert(not part:is_lit(0, 0))
display:setPowerSave(0)
display:setFlipMode(1)
assert(part:pixel(83, 47) == colors[1])

part:set {failing = "silent"}
display:clearBuffer()
display:sendBuffer()
assert(part:pixel(83, 47) == colors[1])

-- Without a reset pin; on I²C; what glows is bright
display = u8g2.ssd1322_nhd_256x64(1, 7, 4, note)
display:drawPixel(255, 63)
display:sendBuffer()
assert(netmcu.parts()[2]:pixel(255, 63) == 0xffffff and #lines == 2 * 49 + 65)
display = u8g2.uc1611_i2c_ew50850(0, 0x38, note)
display:drawStr(1, 2, "no font")
display:sendBuffer()
width, height = netmcu.parts()[3]:picture()
assert(width == 240 and height == 160 and netmcu.parts()[3].kind == "display_i2c")
i2c.setup(0, 1, 2, i2c.SLOW)
assert(i2c_bus.write(0x38, 0, 0xaf) and i2c_bus.read(0x38, 1) == "\0") -- it ignores bytes for its controller

-- An error in the callback is one of sendBuffer.
display = u8g2.ssd1306_128x64_noname(function() error "mine" end)
assert(select(2, pcall(display.sendBuffer, display)):find "mine")

for text, call in pairs {
  ["gpio 13 does not exist"] = function() ucg.st7735_18x128x160_hw_spi(1, 13, 4) end,
  ["spi 2 does not exist"] = function() u8g2.pcd8544_84x48(2, 8, 4) end,
  ["i2c -1 does not exist"] = function() u8g2.uc1611_i2c_ew50850(-1, 8) end,
  ["wrong args"] = function() u8g2.ssd1306_i2c_128x64_noname() end,
  ["#2 to 'ssd1306_i2c_128x64_noname' (invalid i2c address)"] = function() u8g2.ssd1306_i2c_128x64_noname(0, 128) end,
  ["#2 to 'pcd8544_84x48' (number expected, got no value)"] = function() u8g2.pcd8544_84x48(1) end,
  ["#3 to 'pcd8544_84x48' (number expected, got no value)"] = function() u8g2.pcd8544_84x48(1, 8) end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end

expect.finish()
