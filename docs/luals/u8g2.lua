---@meta u8g2
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class u8g2.display
local display_object = {}

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

---`drawStr(x, y, text)`
---@param x integer
---@param y integer
---@param text string
function display_object:drawStr(x, y, text) end

---`drawUTF8(x, y, text)`
---@param x integer
---@param y integer
---@param text string
function display_object:drawUTF8(x, y, text) end

---`drawGlyph(x, y, code)`
---@param x integer
---@param y integer
---@param code integer
function display_object:drawGlyph(x, y, code) end

---`getStrWidth(text)` → width
---@param text string
---@return integer
function display_object:getStrWidth(text) end

---`getUTF8Width(text)` → width
---@param text string
---@return integer
function display_object:getUTF8Width(text) end

---`getAscent()` → height
---@return integer
function display_object:getAscent() end

---`getDescent()` → height
---@return integer
function display_object:getDescent() end

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

---`setFontDirection(direction)`
---@param direction integer
function display_object:setFontDirection(direction) end

---`setFontMode(mode)`
---@param mode integer
function display_object:setFontMode(mode) end

---`setBitmapMode(mode)`
---@param mode integer
function display_object:setBitmapMode(mode) end

---`setDrawColor(color)`
---@param color integer
function display_object:setDrawColor(color) end

---`setDisplayRotation(rotation)`
---@param rotation any
function display_object:setDisplayRotation(rotation) end

---`setContrast(value)`
---@param value integer
function display_object:setContrast(value) end

---`setFlipMode(mode)`
---@param mode integer
function display_object:setFlipMode(mode) end

---`setPowerSave(mode)`
---@param mode integer
function display_object:setPowerSave(mode) end

---`clearBuffer()`
function display_object:clearBuffer() end

---`sendBuffer()`
function display_object:sendBuffer() end

---`updateDisplay()`
function display_object:updateDisplay() end

---`updateDisplayArea(x, y, width, height)`
---@param x integer
---@param y integer
---@param width integer
---@param height integer
function display_object:updateDisplayArea(x, y, width, height) end

---@class u8g2_module
---@field DRAW_ALL integer
---@field DRAW_LOWER_LEFT integer
---@field DRAW_LOWER_RIGHT integer
---@field DRAW_UPPER_LEFT integer
---@field DRAW_UPPER_RIGHT integer
---@field MIRROR integer
---@field R0 integer
---@field R1 integer
---@field R2 integer
---@field R3 integer
---@field [string] any
u8g2 = {}

---`ssd1306_i2c_128x64_noname(id, device_address [, function(line or nil)])` → display
---@param id integer
---@param device_address integer
---@param callback? fun(line: string?)
---@return u8g2.display
function u8g2.ssd1306_i2c_128x64_noname(id, device_address, callback) end

---`ssd1306_128x64_noname(bus, cs, dc [, res [, function(line or nil)]])` → display
---@param bus integer
---@param cs integer
---@param dc integer
---@param res? integer
---@param callback? fun(line: string?)
---@return u8g2.display
function u8g2.ssd1306_128x64_noname(bus, cs, dc, res, callback) end

u8g2.ld7032_i2c_60x32 = u8g2.ssd1306_i2c_128x64_noname
u8g2.sh1106_i2c_128x64_noname = u8g2.ssd1306_i2c_128x64_noname
u8g2.sh1106_i2c_128x64_vcomh0 = u8g2.ssd1306_i2c_128x64_noname
u8g2.sh1107_i2c_128x128 = u8g2.ssd1306_i2c_128x64_noname
u8g2.sh1107_i2c_64x128 = u8g2.ssd1306_i2c_128x64_noname
u8g2.sh1107_i2c_seeed_96x96 = u8g2.ssd1306_i2c_128x64_noname
u8g2.sh1108_i2c_160x160 = u8g2.ssd1306_i2c_128x64_noname
u8g2.sh1122_i2c_256x64 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd0323_i2c_os128064 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1305_i2c_128x32_noname = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1306_i2c_128x32_univision = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1306_i2c_128x64_alt0 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1306_i2c_128x64_vcomh0 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1306_i2c_64x48_er = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1306_i2c_96x16_er = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1309_i2c_128x64_noname0 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1309_i2c_128x64_noname2 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1318_i2c_128x96 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1318_i2c_128x96_xcp = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1325_i2c_nhd_128x64 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1326_i2c_er_256x32 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1327_i2c_ea_w128128 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1327_i2c_midas_128x128 = u8g2.ssd1306_i2c_128x64_noname
u8g2.ssd1327_i2c_seeed_96x96 = u8g2.ssd1306_i2c_128x64_noname
u8g2.st75256_i2c_jlx172104 = u8g2.ssd1306_i2c_128x64_noname
u8g2.st75256_i2c_jlx240160 = u8g2.ssd1306_i2c_128x64_noname
u8g2.st75256_i2c_jlx256128 = u8g2.ssd1306_i2c_128x64_noname
u8g2.st75256_i2c_jlx256160 = u8g2.ssd1306_i2c_128x64_noname
u8g2.st75256_i2c_jlx25664 = u8g2.ssd1306_i2c_128x64_noname
u8g2.st7567_i2c_64x32 = u8g2.ssd1306_i2c_128x64_noname
u8g2.st7588_i2c_jlx12864 = u8g2.ssd1306_i2c_128x64_noname
u8g2.uc1601_i2c_128x32 = u8g2.ssd1306_i2c_128x64_noname
u8g2.uc1604_i2c_jlx19264 = u8g2.ssd1306_i2c_128x64_noname
u8g2.uc1608_i2c_240x128 = u8g2.ssd1306_i2c_128x64_noname
u8g2.uc1608_i2c_erc24064 = u8g2.ssd1306_i2c_128x64_noname
u8g2.uc1610_i2c_ea_dogxl160 = u8g2.ssd1306_i2c_128x64_noname
u8g2.uc1611_i2c_ea_dogm240 = u8g2.ssd1306_i2c_128x64_noname
u8g2.uc1611_i2c_ea_dogxl240 = u8g2.ssd1306_i2c_128x64_noname
u8g2.uc1611_i2c_ew50850 = u8g2.ssd1306_i2c_128x64_noname
u8g2.hx1230_96x68 = u8g2.ssd1306_128x64_noname
u8g2.il3820_v2_296x128 = u8g2.ssd1306_128x64_noname
u8g2.ist3020_erc19264 = u8g2.ssd1306_128x64_noname
u8g2.lc7981_160x160 = u8g2.ssd1306_128x64_noname
u8g2.lc7981_160x80 = u8g2.ssd1306_128x64_noname
u8g2.lc7981_240x128 = u8g2.ssd1306_128x64_noname
u8g2.lc7981_240x64 = u8g2.ssd1306_128x64_noname
u8g2.ld7032_60x32 = u8g2.ssd1306_128x64_noname
u8g2.ls013b7dh03_128x128 = u8g2.ssd1306_128x64_noname
u8g2.max7219_32x8 = u8g2.ssd1306_128x64_noname
u8g2.nt7534_tg12864r = u8g2.ssd1306_128x64_noname
u8g2.pcd8544_84x48 = u8g2.ssd1306_128x64_noname
u8g2.pcf8812_96x65 = u8g2.ssd1306_128x64_noname
u8g2.sed1520_122x32 = u8g2.ssd1306_128x64_noname
u8g2.sh1106_128x64_noname = u8g2.ssd1306_128x64_noname
u8g2.sh1106_128x64_vcomh0 = u8g2.ssd1306_128x64_noname
u8g2.sh1107_128x128 = u8g2.ssd1306_128x64_noname
u8g2.sh1107_64x128 = u8g2.ssd1306_128x64_noname
u8g2.sh1107_seeed_96x96 = u8g2.ssd1306_128x64_noname
u8g2.sh1108_160x160 = u8g2.ssd1306_128x64_noname
u8g2.sh1122_256x64 = u8g2.ssd1306_128x64_noname
u8g2.ssd0323_os128064 = u8g2.ssd1306_128x64_noname
u8g2.ssd1305_128x32_noname = u8g2.ssd1306_128x64_noname
u8g2.ssd1306_128x32_univision = u8g2.ssd1306_128x64_noname
u8g2.ssd1306_128x64_alt0 = u8g2.ssd1306_128x64_noname
u8g2.ssd1306_128x64_vcomh0 = u8g2.ssd1306_128x64_noname
u8g2.ssd1306_64x48_er = u8g2.ssd1306_128x64_noname
u8g2.ssd1306_96x16_er = u8g2.ssd1306_128x64_noname
u8g2.ssd1309_128x64_noname0 = u8g2.ssd1306_128x64_noname
u8g2.ssd1309_128x64_noname2 = u8g2.ssd1306_128x64_noname
u8g2.ssd1318_128x96 = u8g2.ssd1306_128x64_noname
u8g2.ssd1318_128x96_xcp = u8g2.ssd1306_128x64_noname
u8g2.ssd1322_nhd_128x64 = u8g2.ssd1306_128x64_noname
u8g2.ssd1322_nhd_256x64 = u8g2.ssd1306_128x64_noname
u8g2.ssd1325_nhd_128x64 = u8g2.ssd1306_128x64_noname
u8g2.ssd1326_er_256x32 = u8g2.ssd1306_128x64_noname
u8g2.ssd1327_ea_w128128 = u8g2.ssd1306_128x64_noname
u8g2.ssd1327_midas_128x128 = u8g2.ssd1306_128x64_noname
u8g2.ssd1327_seeed_96x96 = u8g2.ssd1306_128x64_noname
u8g2.ssd1329_128x96_noname = u8g2.ssd1306_128x64_noname
u8g2.ssd1606_172x72 = u8g2.ssd1306_128x64_noname
u8g2.ssd1607_200x200 = u8g2.ssd1306_128x64_noname
u8g2.ssd1607_gd_200x200 = u8g2.ssd1306_128x64_noname
u8g2.ssd1607_ws_200x200 = u8g2.ssd1306_128x64_noname
u8g2.st75256_jlx172104 = u8g2.ssd1306_128x64_noname
u8g2.st75256_jlx240160 = u8g2.ssd1306_128x64_noname
u8g2.st75256_jlx256128 = u8g2.ssd1306_128x64_noname
u8g2.st75256_jlx256160 = u8g2.ssd1306_128x64_noname
u8g2.st75256_jlx25664 = u8g2.ssd1306_128x64_noname
u8g2.st7565_64128n = u8g2.ssd1306_128x64_noname
u8g2.st7565_ea_dogm128 = u8g2.ssd1306_128x64_noname
u8g2.st7565_ea_dogm132 = u8g2.ssd1306_128x64_noname
u8g2.st7565_erc12864 = u8g2.ssd1306_128x64_noname
u8g2.st7565_erc12864_alt = u8g2.ssd1306_128x64_noname
u8g2.st7565_lm6059 = u8g2.ssd1306_128x64_noname
u8g2.st7565_nhd_c12832 = u8g2.ssd1306_128x64_noname
u8g2.st7565_nhd_c12864 = u8g2.ssd1306_128x64_noname
u8g2.st7565_zolen_128x64 = u8g2.ssd1306_128x64_noname
u8g2.st7567_64x32 = u8g2.ssd1306_128x64_noname
u8g2.st7567_enh_dg128064i = u8g2.ssd1306_128x64_noname
u8g2.st7567_jlx12864 = u8g2.ssd1306_128x64_noname
u8g2.st7567_pi_132x64 = u8g2.ssd1306_128x64_noname
u8g2.st7586s_erc240160 = u8g2.ssd1306_128x64_noname
u8g2.st7586s_s028hn118a = u8g2.ssd1306_128x64_noname
u8g2.st7588_jlx12864 = u8g2.ssd1306_128x64_noname
u8g2.st7920_s_128x64 = u8g2.ssd1306_128x64_noname
u8g2.st7920_s_192x32 = u8g2.ssd1306_128x64_noname
u8g2.t6963_128x64 = u8g2.ssd1306_128x64_noname
u8g2.t6963_160x80 = u8g2.ssd1306_128x64_noname
u8g2.t6963_240x128 = u8g2.ssd1306_128x64_noname
u8g2.t6963_240x64 = u8g2.ssd1306_128x64_noname
u8g2.t6963_256x64 = u8g2.ssd1306_128x64_noname
u8g2.uc1601_128x32 = u8g2.ssd1306_128x64_noname
u8g2.uc1604_jlx19264 = u8g2.ssd1306_128x64_noname
u8g2.uc1608_240x128 = u8g2.ssd1306_128x64_noname
u8g2.uc1608_erc24064 = u8g2.ssd1306_128x64_noname
u8g2.uc1610_ea_dogxl160 = u8g2.ssd1306_128x64_noname
u8g2.uc1611_ea_dogm240 = u8g2.ssd1306_128x64_noname
u8g2.uc1611_ea_dogxl240 = u8g2.ssd1306_128x64_noname
u8g2.uc1611_ew50850 = u8g2.ssd1306_128x64_noname
u8g2.uc1701_ea_dogs102 = u8g2.ssd1306_128x64_noname
u8g2.uc1701_mini12864 = u8g2.ssd1306_128x64_noname
return u8g2
