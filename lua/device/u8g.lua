-- u8g: the older library for monochrome displays. A script draws the picture once for each page of
-- eight rows:
--
--   disp:firstPage()
--   repeat draw() until disp:nextPage() == false

local Canvas = require "netmcu.device.canvas"
local argument = require "netmcu.device.argument"
local displays = require "netmcu.device.displays"
local fonts = require "netmcu.device.fonts"
local shapes = require "netmcu.device.shapes"

local u8g = {MODE_BW = 1, MODE_GRAY2BIT = 2}
for name, value in pairs(shapes.options) do
  u8g[name] = value
end

local Display = {__name = "u8g.display"}
Display.__index = Display

local function canvas_of(self, caller)
  return argument.object(self, Display, caller).canvas
end

displays.add_shapes(Display, displays.monochrome_shapes, canvas_of)

-- Both draw only the bits that are set. The width of a bitmap is given in bytes.
local function add_bitmap(name, draw, factor)
  Display[name] = function(self, x, y, width, height, bitmap)
    local canvas = canvas_of(self, name)
    x, y = displays.coordinate(x, 1, name), displays.coordinate(y, 2, name)
    width, height = displays.coordinate(width, 3, name) * factor, displays.coordinate(height, 4, name)
    draw(canvas, x, y, width, height, argument.text(bitmap, 5, name), function(column, row, bit)
      if bit == 1 then
        canvas:put(column, row)
      end
    end)
  end
end
add_bitmap("drawXBM", shapes.xbm, 1)
add_bitmap("drawBitmap", shapes.bitmap, 8)

-- --- texts ---

for suffix, direction in pairs {[""] = 0, ["90"] = 1, ["180"] = 2, ["270"] = 3} do
  local name = "drawStr" .. suffix
  Display[name] = function(self, x, y, text)
    local canvas = canvas_of(self, name)
    x, y = displays.coordinate(x, 1, name), displays.coordinate(y, 2, name)
    text = argument.text(text, 3, name)
    canvas.direction = direction
    return canvas:write(x, y, displays.bytes(text), text)
  end
end

function Display:getStrWidth(text)
  local canvas = canvas_of(self, "getStrWidth")
  return (canvas:measure(displays.bytes(argument.text(text, 1, "getStrWidth"))))
end

-- As on the device, what is not a font changes nothing.
function Display:setFont(font)
  local canvas = canvas_of(self, "setFont")
  if fonts.is_font(font) then
    canvas.font = fonts.use(font)
  end
end

function Display:getFontAscent()
  return (canvas_of(self, "getFontAscent"):heights())
end

function Display:getFontDescent()
  return (select(2, canvas_of(self, "getFontDescent"):heights()))
end

-- The factor is in 64ths.
function Display:getFontLineSpacing()
  local canvas = canvas_of(self, "getFontLineSpacing")
  local ascent, descent = canvas:heights()
  return (ascent - descent) * canvas.line_spacing // 64
end

function Display:setFontLineSpacingFactor(factor)
  local canvas = canvas_of(self, "setFontLineSpacingFactor")
  canvas.line_spacing = argument.integer(factor, 1, "setFontLineSpacingFactor") & 255
end

-- --- settings ---

-- Adds a method without arguments.
local function add(name, set)
  Display[name] = function(self)
    return set(canvas_of(self, name), self)
  end
end

for suffix, position in pairs {Baseline = "baseline", Bottom = "bottom", Top = "top", Center = "center"} do
  add("setFontPos" .. suffix, function(canvas) canvas.position = position end)
end

for suffix, mode in pairs {All = "all", ExtendedText = "extended", Text = "text"} do
  add("setFontRefHeight" .. suffix, function(canvas) canvas.height_mode = mode end)
end

for name, turn in pairs {setRot90 = 1, setRot180 = 2, setRot270 = 3, undoRotation = 0} do
  add(name, function(canvas) canvas:rotate(turn) end)
end

-- The picture only shows whether a grey or coloured pixel is set.
local function set_color(canvas, index)
  canvas.index, canvas.color = index, index == 0 and 0 or 1
end

local function foreground(mode)
  return mode == u8g.MODE_BW and 1 or mode == u8g.MODE_GRAY2BIT and 3 or 255
end

add("begin", function(canvas, self) self.driver:start(canvas) end)
add("getWidth", function(canvas) return canvas.width end)
add("getHeight", function(canvas) return canvas.height end)
add("getMode", function(_, self) return self.mode end)
add("getColorIndex", function(canvas) return canvas.index end)
add("setDefaultForegroundColor", function(canvas, self) set_color(canvas, foreground(self.mode)) end)
add("setDefaultBackgroundColor", function(canvas) set_color(canvas, 0) end)
add("setScale2x2", function(canvas) canvas:enlarge(2) end)
add("undoScale", function(canvas) canvas:enlarge(1) end)
add("sleepOn", function(_, self) self.driver:power(false) end)
add("sleepOff", function(_, self) self.driver:power(true) end)

function Display:setColorIndex(color)
  local canvas = canvas_of(self, "setColorIndex")
  set_color(canvas, argument.integer(color, 1, "setColorIndex") & 255)
end

function Display:setContrast(value)
  canvas_of(self, "setContrast")
  self.driver:contrast(argument.integer(value, 1, "setContrast"))
end

-- --- pages ---

-- Before the first page, a display shows what it has shown before.
function Display:firstPage()
  local canvas = canvas_of(self, "firstPage")
  canvas:clear()
  canvas.page = 0
end

local function call_back(self)
  self.callback(nil)
  for row = 0, self.canvas.rows - 1 do
    self.callback(self.canvas:runs(row))
  end
end

-- Returns whether there is another page. The picture appears when the last one is drawn.
function Display:nextPage()
  local canvas = canvas_of(self, "nextPage")
  canvas.page = (canvas.page or 0) + 1
  if canvas.page < (canvas.rows + 7) // 8 then
    return true
  end
  canvas.page = nil
  self.driver:send(canvas)
  if self.callback then
    call_back(self)
  end
  return false
end

-- --- constructors ---

local function new(type, driver, callback)
  local canvas = Canvas.Mono:new(type.columns, type.rows)
  local mode = type.mode or u8g.MODE_BW
  canvas.line_spacing = 64
  set_color(canvas, foreground(mode))
  driver:start(canvas)
  return setmetatable({canvas = canvas, driver = driver, callback = callback, mode = mode}, Display)
end

-- (address [, use_delay])
local function on_i2c(type, name, address)
  address = argument.integer(address, 1, name)
  if address & 0x7f == 0 then
    argument.raise "i2c address required"
  end
  return new(type, displays.on_i2c(type, 0, address & 0x7f))
end

-- (cs, dc [, res [, use_delay]])
local function on_spi(type, name, cs, dc)
  cs, dc = argument.integer(cs, 1, name), argument.integer(dc, 2, name)
  if cs == 0 then
    argument.raise "CS pin required"
  elseif dc == 0 then
    argument.raise "D/C pin required"
  end
  return new(type, displays.on_spi(type, 1, cs))
end

displays.add_u8g(u8g, on_i2c, on_spi)

-- The names of older firmware.
u8g.ssd1306_128x64_spi, u8g.pcd8544_84x48 = u8g.ssd1306_128x64_hw_spi, u8g.pcd8544_84x48_hw_spi

-- A display whose rows go to a callback.
function u8g.fb_rle(callback, width, height)
  argument.typed(callback, 1, "fb_rle", "function")
  width, height = argument.integer(width, 2, "fb_rle"), argument.integer(height, 3, "fb_rle")
  local function fits(size) return size > 0 and size <= 248 and size % 8 == 0 end
  argument.check(fits(width), 2, "fb_rle", "a multiple of 8 up to 248 expected")
  argument.check(fits(height), 3, "fb_rle", "a multiple of 8 up to 248 expected")
  return new({columns = width, rows = height}, displays.none, callback)
end

return {api = u8g, lookup = fonts.find}
