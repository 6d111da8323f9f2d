---@meta ws2812
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class ws2812_module
---@field FADE_IN integer
---@field FADE_OUT integer
---@field MODE_DUAL integer
---@field MODE_SINGLE integer
---@field SHIFT_CIRCULAR integer
---@field SHIFT_LOGICAL integer
ws2812 = {}

---`init([mode])`
---@param mode? integer
function ws2812.init(mode) end

---in older firmware `write(pin, text)`
---@param pixels string|pixbuf.buffer
---@param pixels2? string|pixbuf.buffer
function ws2812.write(pixels, pixels2) end

---from older firmware, with red before green
---@param pin integer
---@param text string
function ws2812.writergb(pin, text) end

---as `pixbuf.newBuffer`
---@param count integer
---@param channels integer
---@return pixbuf.buffer
function ws2812.newBuffer(count, channels) end

return ws2812
