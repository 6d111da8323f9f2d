---@meta ws2812_effects
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class ws2812_effects_module
ws2812_effects = {}

---`init(buffer)`
---@param buffer pixbuf.buffer
function ws2812_effects.init(buffer) end

---`start()`
function ws2812_effects.start() end

---`stop()`
function ws2812_effects.stop() end

---`set_brightness(brightness)`
---@param brightness integer
function ws2812_effects.set_brightness(brightness) end

---`set_color(green, red, blue [, white])`
---@param green integer
---@param red integer
---@param blue integer
---@param white? integer
function ws2812_effects.set_color(green, red, blue, white) end

---`set_speed(speed)`
---@param speed integer
function ws2812_effects.set_speed(speed) end

---`get_speed()` → speed
---@return integer
function ws2812_effects.get_speed() end

---`set_delay(ms)`
---@param ms number
function ws2812_effects.set_delay(ms) end

---`get_delay()` → ms
---@return number
function ws2812_effects.get_delay() end

---`set_mode(effect [, parameter])`
---@param effect string
---@param parameter? any
function ws2812_effects.set_mode(effect, parameter) end

return ws2812_effects
