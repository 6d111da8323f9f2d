-- The displays that u8g2 and u8g know, and what their drawing objects share.

local argument = require "netmcu.device.argument"
local i2c = require "netmcu.parts.i2c"
local parts = require "netmcu.parts.init"

local displays = {}

-- The names of u8g2. Those before the bar are for I²C, where _i2c follows the controller, and for
-- SPI; the others for SPI only. A size stands behind a name that does not contain it.
local u8g2 = [[
  ld7032_60x32 sh1106_128x64_noname sh1106_128x64_vcomh0 sh1107_64x128 sh1107_seeed_96x96 sh1107_128x128 sh1108_160x160
  sh1122_256x64 ssd0323_os128064=128x64 ssd1305_128x32_noname ssd1306_128x32_univision ssd1306_128x64_noname
  ssd1306_128x64_vcomh0 ssd1306_128x64_alt0 ssd1306_64x48_er ssd1306_96x16_er ssd1309_128x64_noname0
  ssd1309_128x64_noname2 ssd1318_128x96 ssd1318_128x96_xcp ssd1325_nhd_128x64 ssd1326_er_256x32 ssd1327_seeed_96x96
  ssd1327_ea_w128128=128x128 ssd1327_midas_128x128 st7567_64x32 st7588_jlx12864=128x64 st75256_jlx25664=256x64
  st75256_jlx172104=172x104 st75256_jlx240160=240x160 st75256_jlx256128=256x128 st75256_jlx256160=256x160
  uc1601_128x32 uc1604_jlx19264=192x64 uc1608_erc24064=240x64 uc1608_240x128 uc1610_ea_dogxl160=160x104
  uc1611_ea_dogm240=240x64 uc1611_ea_dogxl240=240x128 uc1611_ew50850=240x160
  |
  hx1230_96x68 il3820_v2_296x128 ist3020_erc19264=192x64 lc7981_160x80 lc7981_160x160 lc7981_240x128 lc7981_240x64
  ls013b7dh03_128x128 max7219_32x8 nt7534_tg12864r=128x64 pcd8544_84x48 pcf8812_96x65 sed1520_122x32
  ssd1322_nhd_128x64 ssd1322_nhd_256x64 ssd1329_128x96_noname ssd1606_172x72 ssd1607_200x200 ssd1607_gd_200x200
  ssd1607_ws_200x200 st7565_64128n=128x64 st7565_ea_dogm128=128x64 st7565_ea_dogm132=132x32 st7565_erc12864=128x64
  st7565_erc12864_alt=128x64 st7565_lm6059=128x64 st7565_nhd_c12832=128x32 st7565_nhd_c12864=128x64
  st7565_zolen_128x64 st7567_enh_dg128064i=128x64 st7567_jlx12864=128x64 st7567_pi_132x64 st7586s_s028hn118a=384x136
  st7586s_erc240160=240x160 st7920_s_128x64 st7920_s_192x32 t6963_240x128 t6963_240x64 t6963_256x64 t6963_128x64
  t6963_160x80 uc1701_ea_dogs102=102x64 uc1701_mini12864=128x64]]

-- The names of u8g, before their endings _i2c and _hw_spi.
local u8g = [[
  sh1106_128x64 ssd1306_128x32 ssd1306_128x64 ssd1306_64x48 ssd1309_128x64 ssd1327_96x96_gr uc1611_dogm240=240x64
  uc1611_dogxl240=240x128
  |
  ld7032_60x32 pcd8544_84x48 pcf8812_96x65 ssd1322_nhd31oled_bw=256x64 ssd1322_nhd31oled_gr=256x64
  ssd1325_nhd27oled_bw=128x64 ssd1325_nhd27oled_gr=128x64 ssd1351_128x128_332 ssd1351_128x128gh_332
  ssd1351_128x128_hicolor ssd1351_128x128gh_hicolor ssd1353_160x128_332 ssd1353_160x128_hicolor
  st7565_64128n=128x64 st7565_dogm128=128x64 st7565_dogm132=132x32 st7565_lm6059=128x64 st7565_lm6063=128x64
  st7565_nhd_c12832=128x32 st7565_nhd_c12864=128x64 uc1601_c128032=128x32 uc1608_240x128 uc1608_240x64
  uc1610_dogxl160_bw=160x104 uc1610_dogxl160_gr=160x104 uc1701_dogs102=102x64 uc1701_mini12864=128x64]]

local modes = {gr = 2, ["332"] = 40, hicolor = 48} -- of u8g, by the end of a name

-- Returns the type of a display. `left` is the first column of the controller's memory that the
-- display shows.
local function describe(name, width, height)
  local controller = string.match(name, "^[^_]+")
  local glows = string.find(name, "^ssd[01]3") or string.find(name, "^sh11") or string.find(name, "^[lm][da][7x]")
  return {
    controller = controller, columns = width, rows = height, glows = glows ~= nil,
    left = controller == "sh1106" and 2 or width == 64 and 32 or 0,
    mode = modes[string.match(name, "[^_]+$")],
  }
end

-- Calls visit(name, type, bus) for each display of a list.
local function each(list, visit)
  local both, only_spi = string.match(list, "(.*)|(.*)")
  for bus, names in pairs {both = both, spi = only_spi} do
    for item in string.gmatch(names, "%S+") do
      local name, size = string.match(item, "^([%w_]+)=?(.*)$")
      local width, height = string.match(size ~= "" and size or name, "(%d+)x(%d+)")
      visit(name, describe(name, tonumber(width), tonumber(height)), bus)
    end
  end
end

-- Adds the constructors of u8g2 to a module: on_i2c(type, name, …) and on_spi(type, name, …) return
-- displays.
function displays.add_u8g2(module, on_i2c, on_spi)
  each(u8g2, function(name, type, bus)
    module[name] = function(...) return on_spi(type, name, ...) end
    if bus == "both" then
      local i2c_name = string.gsub(name, "_", "_i2c_", 1)
      module[i2c_name] = function(...) return on_i2c(type, i2c_name, ...) end
    end
  end)
end

-- The same for u8g.
function displays.add_u8g(module, on_i2c, on_spi)
  each(u8g, function(name, type, bus)
    local spi_name, i2c_name = name .. "_hw_spi", name .. "_i2c"
    module[spi_name] = function(...) return on_spi(type, spi_name, ...) end
    if bus == "both" then
      module[i2c_name] = function(...) return on_i2c(type, i2c_name, ...) end
    end
  end)
end

-- --- drivers: what sends a canvas to a display ---

-- An SSD1306 or a relative, by the bytes of its bus. A display that does not answer is no error, as
-- on the device.
local Ssd = {}
Ssd.__index = Ssd

local COMMANDS, DATA = 0x00, 0x40

-- Sends bytes after a control byte, which on SPI is the level of a pin.
local function transmit(self, control, ...)
  if self.address then
    i2c.send(self.bus, self.address, control, ...)
    return
  end
  local part = self:part()
  for i = 1, part and part.failing ~= "silent" and select("#", ...) or 0 do
    part:take(control == DATA, (select(i, ...)))
  end
end

local function command(self, ...)
  transmit(self, COMMANDS, ...)
end

-- Sends columns of a page from the canvas.
local function send_page(self, canvas, page, first, count)
  local column = self.left + first
  command(self, 0xb0 | page, 0x10 | column >> 4, column & 15)
  transmit(self, DATA, string.byte(canvas:page_bytes(page, first, count), 1, -1))
end

-- Returns the SSD1306 that is plugged in on an SPI bus, with this pin for its /CS.
local function ssd1306_on_spi(bus, pin)
  for _, part in ipairs(parts.on_spi(bus)) do
    if part.kind == "ssd1306_spi" and part.settings.pin == pin then
      return part
    end
  end
end

function Ssd:part()
  if self.pin then
    return ssd1306_on_spi(self.bus, self.pin)
  end
  local part = parts.on_i2c(self.bus, self.address)
  return part and part.show_texts and part
end

function Ssd:start(canvas)
  local part = self:part()
  if part and part.fit then
    part:fit(self.type)
  end
  command(self, 0xae, 0xd5, 0x80, 0xa8, self.type.rows - 1, 0xd3, 0, 0x40, 0x8d, 0x14, 0x20, 2, 0xa1, 0xc8, 0xda,
    self.type.rows > 32 and 0x12 or 0x02, 0x81, 0xcf, 0xd9, 0xf1, 0xdb, 0x40, 0x2e, 0xa4, 0xa6)
  self:send(canvas)
  self:power(true)
end

-- Sends pages; by default, all of them.
function Ssd:send(canvas, first_page, last_page, first, count)
  for page = first_page or 0, last_page or (canvas.rows + 7) // 8 - 1 do
    send_page(self, canvas, page, first or 0, count or canvas.columns)
  end
  local part = self:part()
  if part then
    part:show_texts(canvas.texts)
  end
end

function Ssd:power(is_on)
  command(self, is_on and 0xaf or 0xae)
end

function Ssd:contrast(value)
  command(self, 0x81, value & 255)
end

function Ssd:flip(is_flipped)
  command(self, is_flipped and 0xa0 or 0xa1, is_flipped and 0xc0 or 0xc8)
end

-- For any other display, the part takes the canvas itself.
local Direct = {}
Direct.__index = Direct

function Direct:part()
  return parts.find(self.kind, self.where)
end

function Direct:send(canvas)
  local part = self:part()
  if part then
    part:show(canvas, self.type.glows)
  end
end

Direct.start = Direct.send

local function set(self, key, value)
  local part = self:part()
  if part then
    part[key] = value
  end
end

function Direct:power(is_on)
  set(self, "is_on", is_on)
end

function Direct:contrast(value)
  set(self, "contrast", value & 255)
end

function Direct:flip(is_flipped)
  set(self, "is_turned", is_flipped)
end

local function check_place(kind, number, most)
  if number < 0 or number > most then
    argument.raise(string.format("%s %d does not exist", kind, number))
  end
end

local on_the_bus = {ssd1306 = true, ssd1309 = true, sh1106 = true}

-- Returns the driver of a display on I²C.
function displays.on_i2c(type, bus, address)
  check_place("i2c", bus, 15)
  if on_the_bus[type.controller] then
    return setmetatable({type = type, bus = bus, address = address, left = type.left}, Ssd)
  end
  return setmetatable({type = type, kind = "display_i2c", where = {bus = bus, address = address}}, Direct)
end

-- Returns the driver of a display on SPI. `pin` is that of /CS.
function displays.on_spi(type, bus, pin)
  check_place("spi", bus, 1)
  check_place("gpio", pin, 12)
  if on_the_bus[type.controller] and ssd1306_on_spi(bus, pin) then
    return setmetatable({type = type, bus = bus, pin = pin, left = type.left}, Ssd)
  end
  return setmetatable({type = type, kind = "display", where = {bus = bus, pin = pin}}, Direct)
end

-- A driver that does nothing, for a display without hardware.
local function nothing() end
displays.none = {start = nothing, send = nothing, power = nothing, contrast = nothing, flip = nothing}

-- --- arguments of drawing functions ---

-- Returns a coordinate or size as the 16 bits that the libraries compute with.
local function coordinate(value, position, caller)
  return (argument.integer(value, position, caller) + 0x8000 & 0xffff) - 0x8000
end

-- Adds drawing functions to a class. Each entry is the method's name and the shape's, followed by
-- the number of coordinates; "?" means that options may follow. `canvas_of(self, caller)` checks
-- the object.
function displays.add_shapes(class, list, canvas_of)
  local shapes = require "netmcu.device.shapes"
  for name, shape, count, has_options in string.gmatch(list, "(%w+)=([%w_]+),(%d+)(%??)") do
    local draw, last = shapes[shape], tonumber(count)
    class[name] = function(self, ...)
      local canvas, values = canvas_of(self, name), {...}
      for i = 1, last do
        values[i] = coordinate(values[i], i, name)
      end
      values[last + 1] = has_options ~= "" and values[last + 1] ~= nil and
        argument.integer(values[last + 1], last + 1, name) or nil
      draw(canvas, table.unpack(values, 1, last + 1))
    end
  end
end

-- The list of both libraries for monochrome displays.
displays.monochrome_shapes = [[
  drawBox=box,4 drawCircle=circle,3? drawDisc=disc,3? drawEllipse=ellipse,4? drawFilledEllipse=filled_ellipse,4?
  drawFrame=frame,4 drawHLine=hline,3 drawLine=line,4 drawPixel=pixel,2 drawRBox=rbox,5 drawRFrame=rframe,5
  drawTriangle=triangle,6 drawVLine=vline,3]]

displays.coordinate = coordinate

-- Returns the codes of the bytes of a text; like C, up to the first zero byte.
function displays.bytes(text)
  return {string.byte(string.match(text, "^[^\0]*"), 1, -1)}
end

return displays
