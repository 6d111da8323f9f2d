---@meta u8g
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class u8g.display
local display_object = {}

---`begin()`
function display_object:begin() end

---`drawBox(x, y, width, height)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
function display_object:drawBox(x, y, width, height) end

---`drawCircle(x, y, radius [, option])`
---@param x integer
---@param y integer
---@param radius integer
---@param option? integer
function display_object:drawCircle(x, y, radius, option) end

---`drawDisc(x, y, radius [, option])`
---@param x integer
---@param y integer
---@param radius integer
---@param option? integer
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

---`drawEllipse(x, y, radius, radius [, option])`
---@param x integer
---@param y integer
---@param radius integer
---@param radius4 integer
---@param option? integer
function display_object:drawEllipse(x, y, radius, radius4, option) end

---`drawFilledEllipse(x, y, radius, radius [, option])`
---@param x integer
---@param y integer
---@param radius integer
---@param radius4 integer
---@param option? integer
function display_object:drawFilledEllipse(x, y, radius, radius4, option) end

---`drawXBM(x, y, width, height, text)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
---@param text string
function display_object:drawXBM(x, y, width, height, text) end

---`drawBitmap(x, y, count, height, text)`
---@param x integer
---@param y integer
---@param count integer
---@param height integer
---@param text string
function display_object:drawBitmap(x, y, count, height, text) end

---`drawStr(x, y, text)` → width
---@param x integer
---@param y integer
---@param text string
---@return integer
function display_object:drawStr(x, y, text) end

---`drawStr90(x, y, text)` → width
---@param x integer
---@param y integer
---@param text string
---@return integer
function display_object:drawStr90(x, y, text) end

---`drawStr180(x, y, text)` → width
---@param x integer
---@param y integer
---@param text string
---@return integer
function display_object:drawStr180(x, y, text) end

---`drawStr270(x, y, text)` → width
---@param x integer
---@param y integer
---@param text string
---@return integer
function display_object:drawStr270(x, y, text) end

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

---`getFontLineSpacing()` → height
---@return integer
function display_object:getFontLineSpacing() end

---`setFontLineSpacingFactor(factor)`
---@param factor integer
function display_object:setFontLineSpacingFactor(factor) end

---`setFont(font)`
---@param font any
function display_object:setFont(font) end

---`setFontPosBaseline()`
function display_object:setFontPosBaseline() end

---`setFontPosBottom()`
function display_object:setFontPosBottom() end

---`setFontPosCenter()`
function display_object:setFontPosCenter() end

---`setFontPosTop()`
function display_object:setFontPosTop() end

---`setFontRefHeightAll()`
function display_object:setFontRefHeightAll() end

---`setFontRefHeightExtendedText()`
function display_object:setFontRefHeightExtendedText() end

---`setFontRefHeightText()`
function display_object:setFontRefHeightText() end

---`firstPage()`
function display_object:firstPage() end

---`nextPage()` → boolean
---@return boolean
function display_object:nextPage() end

---`getWidth()` → width
---@return integer
function display_object:getWidth() end

---`getHeight()` → height
---@return integer
function display_object:getHeight() end

---`getMode()` → mode
---@return integer
function display_object:getMode() end

---`getColorIndex()` → color
---@return integer
function display_object:getColorIndex() end

---`setColorIndex(color)`
---@param color integer
function display_object:setColorIndex(color) end

---`setDefaultBackgroundColor()`
function display_object:setDefaultBackgroundColor() end

---`setDefaultForegroundColor()`
function display_object:setDefaultForegroundColor() end

---`setContrast(value)`
---@param value integer
function display_object:setContrast(value) end

---`setRot90()`
function display_object:setRot90() end

---`setRot180()`
function display_object:setRot180() end

---`setRot270()`
function display_object:setRot270() end

---`undoRotation()`
function display_object:undoRotation() end

---`setScale2x2()`
function display_object:setScale2x2() end

---`undoScale()`
function display_object:undoScale() end

---`sleepOn()`
function display_object:sleepOn() end

---`sleepOff()`
function display_object:sleepOff() end

---@class u8g_module
---@field DRAW_ALL integer
---@field DRAW_LOWER_LEFT integer
---@field DRAW_LOWER_RIGHT integer
---@field DRAW_UPPER_LEFT integer
---@field DRAW_UPPER_RIGHT integer
---@field MODE_BW integer
---@field MODE_GRAY2BIT integer
---@field [string] any
u8g = {}

---`ssd1306_128x64_i2c(device_address [, use_delay])` → u8g_display
---@param device_address integer
---@param use_delay? any
---@return u8g.display
function u8g.ssd1306_128x64_i2c(device_address, use_delay) end

---`ssd1306_128x64_hw_spi(cs, dc [, res [, use_delay]])` → u8g_display
---@param cs integer
---@param dc integer
---@param res? integer
---@param use_delay? any
---@return u8g.display
function u8g.ssd1306_128x64_hw_spi(cs, dc, res, use_delay) end

---`fb_rle(function(line or nil), width, height)` → u8g_display
---@param callback fun(line: string?)
---@param width integer
---@param height integer
---@return u8g.display
function u8g.fb_rle(callback, width, height) end

u8g.sh1106_128x64_i2c = u8g.ssd1306_128x64_i2c
u8g.ssd1306_128x32_i2c = u8g.ssd1306_128x64_i2c
u8g.ssd1306_64x48_i2c = u8g.ssd1306_128x64_i2c
u8g.ssd1309_128x64_i2c = u8g.ssd1306_128x64_i2c
u8g.ssd1327_96x96_gr_i2c = u8g.ssd1306_128x64_i2c
u8g.uc1611_dogm240_i2c = u8g.ssd1306_128x64_i2c
u8g.uc1611_dogxl240_i2c = u8g.ssd1306_128x64_i2c
u8g.ld7032_60x32_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.pcd8544_84x48 = u8g.ssd1306_128x64_hw_spi
u8g.pcd8544_84x48_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.pcf8812_96x65_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.sh1106_128x64_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1306_128x32_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1306_128x64_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1306_64x48_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1309_128x64_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1322_nhd31oled_bw_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1322_nhd31oled_gr_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1325_nhd27oled_bw_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1325_nhd27oled_gr_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1327_96x96_gr_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1351_128x128_332_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1351_128x128_hicolor_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1351_128x128gh_332_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1351_128x128gh_hicolor_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1353_160x128_332_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.ssd1353_160x128_hicolor_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.st7565_64128n_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.st7565_dogm128_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.st7565_dogm132_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.st7565_lm6059_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.st7565_lm6063_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.st7565_nhd_c12832_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.st7565_nhd_c12864_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1601_c128032_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1608_240x128_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1608_240x64_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1610_dogxl160_bw_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1610_dogxl160_gr_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1611_dogm240_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1611_dogxl240_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1701_dogs102_hw_spi = u8g.ssd1306_128x64_hw_spi
u8g.uc1701_mini12864_hw_spi = u8g.ssd1306_128x64_hw_spi
return u8g
