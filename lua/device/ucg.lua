-- ucg: displays with colours. They show what is drawn at once.

local Canvas = require "netmcu.device.canvas"
local argument = require "netmcu.device.argument"
local displays = require "netmcu.device.displays"
local fonts = require "netmcu.device.fonts"
local shapes = require "netmcu.device.shapes"

local ucg = {FONT_MODE_TRANSPARENT = 0, FONT_MODE_SOLID = 1}
for name, value in pairs(shapes.options) do
  ucg[name] = value
end

local names = [[hx8352c_18x240x400 ili9163_18x128x128 ili9341_18x240x320 ili9486_18x320x480 pcf8833_16x132x132
  seps225_16x128x128_uvis ssd1331_18x96x64_uvis ssd1351_18x128x128 ssd1351_18x128x128_ft st7735_18x128x160]]

-- --- the canvas: a list of colours, 0xRRGGBB ---

local Color = setmetatable({}, {__index = Canvas})
Color.__index = Color

function Color:clear()
  self.colors = self.colors or {}
  for i = 1, self.columns * self.rows do
    self.colors[i] = 0
  end
  self.texts = self.texts or {}
  for i = #self.texts, 1, -1 do
    self.texts[i] = nil
  end
end

function Color:put(x, y, color)
  local clip = self.clip
  if not clip or x >= clip.left and x <= clip.right and y >= clip.top and y <= clip.bottom then
    Canvas.put(self, x, y, color)
  end
end

function Color:store(column, row, color)
  self.colors[row * self.columns + column + 1] = color
end

function Color:background()
  return self.inks[1]
end

-- --- arguments ---

local Display = {__name = "ucg.display"}
Display.__index = Display

local function canvas_of(self, caller)
  return argument.object(self, Display, caller).canvas
end

-- Returns this many coordinates.
local function coordinates(caller, count, ...)
  local values = {...}
  for i = 1, count do
    values[i] = displays.coordinate(values[i], i, caller)
  end
  return table.unpack(values, 1, count)
end

displays.add_shapes(Display, [[
  drawBox=box,4 drawCircle=circle,4 drawDisc=disc,4 drawFrame=frame,4 drawHLine=hline,3 drawLine=line,4
  drawPixel=pixel,2 drawRBox=rbox,5 drawRFrame=rframe,5 drawTetragon=polygon,8 drawTriangle=triangle,6 drawVLine=vline,3]], canvas_of)

-- --- colours ---

-- setColor([index,] red, green, blue). Index 0 is what is drawn in, 1 the background of texts; a
-- gradient has up to four.
function Display:setColor(...)
  local canvas, values = canvas_of(self, "setColor"), {...}
  local first = values[4] ~= nil and 2 or 1
  local index = first == 2 and argument.integer(values[1], 1, "setColor") or 0
  argument.check(index >= 0 and index <= 3, 1, "setColor", "an index from 0 to 3 expected")
  local color = 0
  for i = first, first + 2 do
    color = color << 8 | argument.integer(values[i], i, "setColor") & 255
  end
  canvas.inks[index] = color
  canvas.color = canvas.inks[0]
end

-- Returns the colour that is `step` of `steps` steps from one to the other.
local function between(from, to, step, steps)
  local color = 0
  for shift = 16, 0, -8 do
    local a, b = from >> shift & 255, to >> shift & 255
    color = color | (a * (steps - step) + b * step) // math.max(1, steps) << shift
  end
  return color
end

local vectors = {[0] = {1, 0}, {0, 1}, {-1, 0}, {0, -1}}

-- Draws a line to the right (0), downwards (1), to the left or upwards.
local function draw_line(canvas, x, y, length, direction, color_at)
  local vector = vectors[direction & 3]
  for i = 0, math.min(length, canvas.width + canvas.height + math.abs(x) + math.abs(y)) - 1 do
    canvas:put(x + vector[1] * i, y + vector[2] * i, color_at(i, length - 1))
  end
end

function Display:draw90Line(x, y, length, direction, index)
  local canvas = canvas_of(self, "draw90Line")
  x, y, length, direction, index = coordinates("draw90Line", 5, x, y, length, direction, index)
  draw_line(canvas, x, y, length, direction, function() return canvas.inks[index & 3] end)
end

function Display:drawGradientLine(x, y, length, direction)
  local canvas = canvas_of(self, "drawGradientLine")
  x, y, length, direction = coordinates("drawGradientLine", 4, x, y, length, direction)
  draw_line(canvas, x, y, length, direction, function(i, last)
    return between(canvas.inks[0], canvas.inks[1], i, last)
  end)
end

-- The colours 0 to 3 are those of the upper left, upper right, lower left and lower right corner.
function Display:drawGradientBox(x, y, width, height)
  local canvas = canvas_of(self, "drawGradientBox")
  x, y, width, height = coordinates("drawGradientBox", 4, x, y, width, height)
  local inks = canvas.inks
  for row = math.max(0, -y), math.min(height, canvas.height - y) - 1 do
    local left = between(inks[0], inks[2], row, height - 1)
    local right = between(inks[1], inks[3], row, height - 1)
    for column = math.max(0, -x), math.min(width, canvas.width - x) - 1 do
      canvas:put(x + column, y + row, between(left, right, column, width - 1))
    end
  end
end

-- --- texts ---

local function write(canvas, x, y, direction, text)
  canvas.direction = direction & 3
  return canvas:write(x, y, displays.bytes(text), text)
end

function Display:drawString(x, y, direction, text)
  local canvas = canvas_of(self, "drawString")
  x, y, direction = coordinates("drawString", 3, x, y, direction)
  return write(canvas, x, y, direction, argument.text(text, 4, "drawString"))
end

-- Draws the first character of a text.
function Display:drawGlyph(x, y, direction, text)
  local canvas = canvas_of(self, "drawGlyph")
  x, y, direction = coordinates("drawGlyph", 3, x, y, direction)
  return write(canvas, x, y, direction, string.sub(argument.text(text, 4, "drawGlyph"), 1, 1))
end

function Display:setPrintPos(x, y)
  local canvas = canvas_of(self, "setPrintPos")
  canvas.print_x, canvas.print_y = coordinates("setPrintPos", 2, x, y)
end

function Display:setPrintDir(direction)
  canvas_of(self, "setPrintDir").print_direction = argument.integer(direction, 1, "setPrintDir") & 3
end

-- Writes at the print position, and moves it.
function Display:print(text)
  local canvas = canvas_of(self, "print")
  local direction = canvas.print_direction
  local width = write(canvas, canvas.print_x, canvas.print_y, direction, argument.text(text, 1, "print"))
  canvas.print_x = canvas.print_x + vectors[direction][1] * width
  canvas.print_y = canvas.print_y + vectors[direction][2] * width
end

function Display:getStrWidth(text)
  return (canvas_of(self, "getStrWidth"):measure(displays.bytes(argument.text(text, 1, "getStrWidth"))))
end

function Display:setFont(font)
  local canvas = canvas_of(self, "setFont")
  argument.check(fonts.is_font(font), 1, "setFont", "font data expected")
  canvas.font = fonts.use(font)
end

function Display:setFontMode(mode)
  canvas_of(self, "setFontMode").is_solid = argument.integer(mode, 1, "setFontMode") ~= ucg.FONT_MODE_TRANSPARENT
end

-- --- methods without arguments ---

local function add(name, set)
  Display[name] = function(self) return set(canvas_of(self, name)) end
end

for suffix, position in pairs {Baseline = "baseline", Bottom = "bottom", Top = "top", Center = "center"} do
  add("setFontPos" .. suffix, function(canvas) canvas.position = position end)
end
for name, turn in pairs {setRotate90 = 1, setRotate180 = 2, setRotate270 = 3, undoRotate = 0} do
  add(name, function(canvas) canvas:rotate(turn) end)
end
add("clearScreen", function(canvas) canvas:clear() end)
add("getWidth", function(canvas) return canvas.width end)
add("getHeight", function(canvas) return canvas.height end)
add("getFontAscent", function(canvas) return (canvas:heights()) end)
add("getFontDescent", function(canvas) return (select(2, canvas:heights())) end)
add("setScale2x2", function(canvas) canvas:enlarge(2) end)
add("undoScale", function(canvas) canvas:enlarge(1) end)
add("setMaxClipRange", function(canvas) canvas.clip = nil end)
add("undoClipRange", function(canvas) canvas.clip = nil end)

function Display:setClipRange(x, y, width, height)
  local canvas = canvas_of(self, "setClipRange")
  x, y, width, height = coordinates("setClipRange", 4, x, y, width, height)
  canvas.clip = {left = x, top = y, right = x + width - 1, bottom = y + height - 1}
end

-- Starts with a black screen and white as the colour.
function Display:begin(mode)
  local canvas = canvas_of(self, "begin")
  canvas.is_solid = argument.integer(mode, 1, "begin") ~= ucg.FONT_MODE_TRANSPARENT
  canvas:clear()
end

-- --- constructors ---

local function new(columns, rows, bus, pin)
  local canvas = Color:new(columns, rows)
  canvas.inks = {[0] = 0xffffff, 0, 0, 0}
  canvas.color, canvas.print_x, canvas.print_y, canvas.print_direction = 0xffffff, 0, 0, 0
  local part = displays.on_spi({}, bus, pin):part()
  if part then
    part:share(canvas)
  end
  return setmetatable({canvas = canvas}, Display)
end

-- (bus, cs, dc [, res]), or in older firmware (cs, dc [, res]). The buses are 0 and 1.
for name, width, height in string.gmatch(names, "([%w]+_%d+x(%d+)x(%d+)[_%l]*)") do
  local full_name = name .. "_hw_spi"
  ucg[full_name] = function(...)
    local values = {...}
    if select("#", ...) < 3 or (tonumber(values[1]) or 0) > 1 then
      table.insert(values, 1, 1)
    end
    for i = 1, 3 do
      values[i] = argument.integer(values[i], i, full_name)
    end
    return new(tonumber(width), tonumber(height), values[1], values[2])
  end
end

return {api = ucg, lookup = fonts.find}
