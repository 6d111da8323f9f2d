-- u8g2: monochrome displays with a buffer for the whole picture.

local Canvas = require "netmcu.device.canvas"
local argument = require "netmcu.device.argument"
local displays = require "netmcu.device.displays"
local fonts = require "netmcu.device.fonts"
local shapes = require "netmcu.device.shapes"

local u8g2 = {}
for name, value in pairs(shapes.options) do
  u8g2[name] = value
end

local turns = {[0] = 0, 1, 2, 3, "mirror"}
u8g2.R0, u8g2.R1, u8g2.R2, u8g2.R3, u8g2.MIRROR = 0, 1, 2, 3, 4

local Display = {__name = "u8g2.display"}
Display.__index = Display

local function canvas_of(self, caller)
  return argument.object(self, Display, caller).canvas
end

displays.add_shapes(Display, displays.monochrome_shapes, canvas_of)

function Display:drawXBM(x, y, width, height, bitmap)
  local canvas = canvas_of(self, "drawXBM")
  x, y = displays.coordinate(x, 1, "drawXBM"), displays.coordinate(y, 2, "drawXBM")
  width, height = displays.coordinate(width, 3, "drawXBM"), displays.coordinate(height, 4, "drawXBM")
  shapes.xbm(canvas, x, y, width, height, argument.text(bitmap, 5, "drawXBM"), function(column, row, bit)
    if bit == 1 or not canvas.is_bitmap_transparent then
      canvas:put(column, row, bit == 0 and canvas:background() or nil)
    end
  end)
end

-- --- texts ---

-- Returns the codes of a text in UTF-8. As in u8g2, what is not UTF-8 does not raise an error.
local function utf8_codes(text)
  local codes = {}
  for lead, rest in string.gmatch(string.match(text, "^[^\0]*"), "([^\x80-\xbf])([\x80-\xbf]*)") do
    local code = string.byte(lead)
    rest = code < 0x80 and "" or rest
    code = code < 0xc0 and code or code & (code >= 0xf0 and 0x07 or code >= 0xe0 and 0x0f or 0x1f)
    for i = 1, #rest do
      code = code << 6 | string.byte(rest, i) & 0x3f
    end
    codes[#codes + 1] = code
  end
  return codes
end

local function add_text(suffix, codes_of)
  local draw, measure = "draw" .. suffix, "get" .. suffix .. "Width"
  Display[draw] = function(self, x, y, text)
    local canvas = canvas_of(self, draw)
    x, y = displays.coordinate(x, 1, draw), displays.coordinate(y, 2, draw)
    text = argument.text(text, 3, draw)
    canvas:write(x, y, codes_of(text), text)
  end
  Display[measure] = function(self, text)
    return select(2, canvas_of(self, measure):measure(codes_of(argument.text(text, 1, measure))))
  end
end
add_text("Str", displays.bytes)
add_text("UTF8", utf8_codes)

-- Returns a character of Latin-1 in UTF-8; no font has others.
local function utf8_text(code)
  return code < 128 and string.char(code) or code < 256 and string.char(0xc0 | code >> 6, 0x80 | code & 0x3f) or "?"
end

function Display:drawGlyph(x, y, code)
  local canvas = canvas_of(self, "drawGlyph")
  x, y = displays.coordinate(x, 1, "drawGlyph"), displays.coordinate(y, 2, "drawGlyph")
  code = argument.integer(code, 3, "drawGlyph") & 0xffff
  canvas:write(x, y, {code}, utf8_text(code))
end

-- Takes a font, or a string that contains one.
function Display:setFont(font)
  local canvas = canvas_of(self, "setFont")
  if type(font) == "string" then
    font = require "netmcu.device.font_string"(font)
  else
    font = fonts.is_font(font) and fonts.use(font)
  end
  argument.check(font, 1, "setFont", "invalid font")
  if canvas.font ~= font then
    canvas.font, canvas.position = font, "baseline"
  end
end

function Display:getAscent()
  return (canvas_of(self, "getAscent"):heights())
end

function Display:getDescent()
  return (select(2, canvas_of(self, "getDescent"):heights()))
end

for suffix, position in pairs {Baseline = "baseline", Bottom = "bottom", Top = "top", Center = "center"} do
  local name = "setFontPos" .. suffix
  Display[name] = function(self) canvas_of(self, name).position = position end
end

for suffix, mode in pairs {All = "all", ExtendedText = "extended", Text = "text"} do
  local name = "setFontRefHeight" .. suffix
  Display[name] = function(self) canvas_of(self, name).height_mode = mode end
end

-- --- settings: each takes one integer ---

local function add_setting(name, set)
  Display[name] = function(self, value)
    local canvas = canvas_of(self, name)
    set(canvas, argument.integer(value, 1, name) & 255, self.driver)
  end
end

add_setting("setDrawColor", function(canvas, color) canvas.color = color > 2 and 1 or color end)
add_setting("setFontMode", function(canvas, mode) canvas.is_solid = mode == 0 end)
add_setting("setBitmapMode", function(canvas, mode) canvas.is_bitmap_transparent = mode ~= 0 end)
add_setting("setFontDirection", function(canvas, direction) canvas.direction = direction & 3 end)
add_setting("setContrast", function(_, value, driver) driver:contrast(value) end)
add_setting("setFlipMode", function(_, value, driver) driver:flip(value ~= 0) end)
add_setting("setPowerSave", function(_, value, driver) driver:power(value == 0) end)

function Display:setDisplayRotation(rotation)
  local canvas = canvas_of(self, "setDisplayRotation")
  local turn = turns[argument.integer(rotation, 1, "setDisplayRotation")]
  argument.check(turn, 1, "setDisplayRotation", "u8g2.R0, R1, R2, R3 or MIRROR expected")
  canvas:rotate(turn)
end

-- --- the buffer ---

function Display:clearBuffer()
  canvas_of(self, "clearBuffer"):clear()
end

-- Passes the rows to the callback, in place of a display or beside it.
local function call_back(self)
  if not self.callback then
    return
  end
  self.callback(nil)
  for row = 0, self.canvas.rows - 1 do
    self.callback(self.canvas:runs(row))
  end
end

function Display:sendBuffer()
  self.driver:send(canvas_of(self, "sendBuffer"))
  call_back(self)
end

Display.updateDisplay = Display.sendBuffer

-- The area is in tiles of eight by eight pixels.
function Display:updateDisplayArea(x, y, width, height)
  local canvas = canvas_of(self, "updateDisplayArea")
  local function tile(value, position) return argument.integer(value, position, "updateDisplayArea") & 255 end
  x, y, width, height = tile(x, 1), tile(y, 2), tile(width, 3), tile(height, 4)
  local right, bottom = math.min((x + width) * 8, canvas.columns), math.min(y + height, (canvas.rows + 7) // 8)
  if x * 8 < right and y < bottom then
    self.driver:send(canvas, y, bottom - 1, x * 8, right - x * 8)
    call_back(self)
  end
end

-- --- constructors ---

local function new(type, driver, callback)
  local canvas = Canvas.Mono:new(type.columns, type.rows)
  canvas.is_solid = true
  driver:start(canvas)
  return setmetatable({canvas = canvas, driver = driver, callback = callback}, Display)
end

-- Returns the callback, which may be the only argument; an error if there is no display either.
local function check_callback(has_display, callback)
  callback = type(callback) == "function" and callback or nil
  if not has_display and not callback then
    argument.raise "wrong args"
  end
  return callback
end

-- (bus, address [, callback]) or (callback)
local function on_i2c(type_of_display, name, bus, address, callback)
  if type(bus) ~= "number" then
    return new(type_of_display, displays.none, check_callback(false, bus))
  end
  address = argument.integer(address, 2, name)
  argument.check(address >= 0 and address <= 0x7f, 2, name, "invalid i2c address")
  local driver = displays.on_i2c(type_of_display, argument.integer(bus), address)
  return new(type_of_display, driver, check_callback(true, callback))
end

-- (bus, cs, dc [, [res,] callback]) or (callback)
local function on_spi(type_of_display, name, bus, cs, dc, res, callback)
  if type(bus) ~= "number" then
    return new(type_of_display, displays.none, check_callback(false, bus))
  end
  cs = argument.integer(cs, 2, name)
  argument.integer(dc, 3, name)
  local driver = displays.on_spi(type_of_display, argument.integer(bus), cs)
  return new(type_of_display, driver, check_callback(true, type(res) == "function" and res or callback))
end

displays.add_u8g2(u8g2, on_i2c, on_spi)

return {api = u8g2, lookup = fonts.find}
