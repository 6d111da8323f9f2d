---@meta ucg
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class ucg.display
local display_object = {}

---`begin(mode)`
---@param mode integer
function display_object:begin(mode) end

---`clearScreen()`
function display_object:clearScreen() end

---`drawBox(x, y, width, height)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
function display_object:drawBox(x, y, width, height) end

---`drawCircle(x, y, radius, option)`
---@param x integer
---@param y integer
---@param radius integer
---@param option integer
function display_object:drawCircle(x, y, radius, option) end

---`drawDisc(x, y, radius, option)`
---@param x integer
---@param y integer
---@param radius integer
---@param option integer
function display_object:drawDisc(x, y, radius, option) end

---`drawFrame(x, y, width, height)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
function display_object:drawFrame(x, y, width, height) end

---`drawHLine(x, y, width)`
---@param x integer
---@param y integer
---@param width integer
function display_object:drawHLine(x, y, width) end

---`drawLine(x, y, x, y)`
---@param x integer
---@param y integer
---@param x3 integer
---@param y4 integer
function display_object:drawLine(x, y, x3, y4) end

---`drawPixel(x, y)`
---@param x integer
---@param y integer
function display_object:drawPixel(x, y) end

---`drawRBox(x, y, width, height, radius)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
---@param radius integer
function display_object:drawRBox(x, y, width, height, radius) end

---`drawRFrame(x, y, width, height, radius)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
---@param radius integer
function display_object:drawRFrame(x, y, width, height, radius) end

---`drawTriangle(x, y, x, y, x, y)`
---@param x integer
---@param y integer
---@param x3 integer
---@param y4 integer
---@param x5 integer
---@param y6 integer
function display_object:drawTriangle(x, y, x3, y4, x5, y6) end

---`drawVLine(x, y, height)`
---@param x integer
---@param y integer
---@param height integer
function display_object:drawVLine(x, y, height) end

---`drawTetragon(x, y, x, y, x, y, x, y)`
---@param x integer
---@param y integer
---@param x3 integer
---@param y4 integer
---@param x5 integer
---@param y6 integer
---@param x7 integer
---@param y8 integer
function display_object:drawTetragon(x, y, x3, y4, x5, y6, x7, y8) end

---`draw90Line(x, y, length, direction, index)`
---@param x integer
---@param y integer
---@param length integer
---@param direction integer
---@param index integer
function display_object:draw90Line(x, y, length, direction, index) end

---`drawGradientBox(x, y, width, height)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
function display_object:drawGradientBox(x, y, width, height) end

---`drawGradientLine(x, y, length, direction)`
---@param x integer
---@param y integer
---@param length integer
---@param direction integer
function display_object:drawGradientLine(x, y, length, direction) end

---`drawString(x, y, direction, text)` → width
---@param x integer
---@param y integer
---@param direction integer
---@param text string
---@return integer
function display_object:drawString(x, y, direction, text) end

---`drawGlyph(x, y, direction, text)` → width
---@param x integer
---@param y integer
---@param direction integer
---@param text string
---@return integer
function display_object:drawGlyph(x, y, direction, text) end

---`print(text)`
---@param text string
function display_object:print(text) end

---`setPrintPos(x, y)`
---@param x integer
---@param y integer
function display_object:setPrintPos(x, y) end

---`setPrintDir(direction)`
---@param direction integer
function display_object:setPrintDir(direction) end

---`setColor([index,] red, green, blue)`
---@overload fun(self: ucg.display, red: integer, green: integer, blue: integer)
---@param index integer
---@param red integer
---@param green integer
---@param blue integer
function display_object:setColor(index, red, green, blue) end

---`getStrWidth(text)` → width
---@param text string
---@return integer
function display_object:getStrWidth(text) end

---`getFontAscent()` → height
---@return integer
function display_object:getFontAscent() end

---`getFontDescent()` → height
---@return integer
function display_object:getFontDescent() end

---`setFont(font)`
---@param font any
function display_object:setFont(font) end

---`setFontMode(mode)`
---@param mode integer
function display_object:setFontMode(mode) end

---`setFontPosBaseline()`
function display_object:setFontPosBaseline() end

---`setFontPosBottom()`
function display_object:setFontPosBottom() end

---`setFontPosCenter()`
function display_object:setFontPosCenter() end

---`setFontPosTop()`
function display_object:setFontPosTop() end

---`getWidth()` → width
---@return integer
function display_object:getWidth() end

---`getHeight()` → height
---@return integer
function display_object:getHeight() end

---`setClipRange(x, y, width, height)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
function display_object:setClipRange(x, y, width, height) end

---`setMaxClipRange()`
function display_object:setMaxClipRange() end

---`undoClipRange()`
function display_object:undoClipRange() end

---`setRotate90()`
function display_object:setRotate90() end

---`setRotate180()`
function display_object:setRotate180() end

---`setRotate270()`
function display_object:setRotate270() end

---`undoRotate()`
function display_object:undoRotate() end

---`setScale2x2()`
function display_object:setScale2x2() end

---`undoScale()`
function display_object:undoScale() end

---@class ucg_module
---@field DRAW_ALL integer
---@field DRAW_LOWER_LEFT integer
---@field DRAW_LOWER_RIGHT integer
---@field DRAW_UPPER_LEFT integer
---@field DRAW_UPPER_RIGHT integer
---@field FONT_MODE_SOLID integer
---@field FONT_MODE_TRANSPARENT integer
---@field [string] any
ucg = {}

---`st7735_18x128x160_hw_spi(bus, cs, dc [, res])` → ucg_display
---@param bus integer
---@param cs integer
---@param dc integer
---@param res? integer
---@return ucg.display
function ucg.st7735_18x128x160_hw_spi(bus, cs, dc, res) end

ucg.hx8352c_18x240x400_hw_spi = ucg.st7735_18x128x160_hw_spi
ucg.ili9163_18x128x128_hw_spi = ucg.st7735_18x128x160_hw_spi
ucg.ili9341_18x240x320_hw_spi = ucg.st7735_18x128x160_hw_spi
ucg.ili9486_18x320x480_hw_spi = ucg.st7735_18x128x160_hw_spi
ucg.pcf8833_16x132x132_hw_spi = ucg.st7735_18x128x160_hw_spi
ucg.seps225_16x128x128_uvis_hw_spi = ucg.st7735_18x128x160_hw_spi
ucg.ssd1331_18x96x64_uvis_hw_spi = ucg.st7735_18x128x160_hw_spi
ucg.ssd1351_18x128x128_ft_hw_spi = ucg.st7735_18x128x160_hw_spi
ucg.ssd1351_18x128x128_hw_spi = ucg.st7735_18x128x160_hw_spi
return ucg
