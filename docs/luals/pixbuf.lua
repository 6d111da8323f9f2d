---@meta pixbuf
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class pixbuf.buffer
local buffer_object = {}

---`get(led)` → number, ...
---@param led integer
---@return integer
---@return any ...
function buffer_object:get(led) end

---`set(led, color, ...)` → buffer
---@param led integer
---@param color integer
---@param ... any
---@return pixbuf.buffer
function buffer_object:set(led, color, ...) end

---`size()` → count
---@return integer
function buffer_object:size() end

---`channels()` → channels
---@return integer
function buffer_object:channels() end

---`fill(byte, ...)` → buffer
---@param byte integer
---@param ... any
---@return pixbuf.buffer
function buffer_object:fill(byte, ...) end

---`dump()` → text
---@return string
function buffer_object:dump() end

---`replace(text_or_buffer [, offset])`
---@param text_or_buffer string|pixbuf.buffer
---@param offset? integer
function buffer_object:replace(text_or_buffer, offset) end

---`mix(factor, buffer, ...)` → buffer
---@param factor integer
---@param buffer pixbuf.buffer
---@param ... any
---@return pixbuf.buffer
function buffer_object:mix(factor, buffer, ...) end

---`mix4I5(factor, buffer, ...)` → buffer
---@param factor integer
---@param buffer pixbuf.buffer
---@param ... any
---@return pixbuf.buffer
function buffer_object:mix4I5(factor, buffer, ...) end

---`power()` → number
---@return integer
function buffer_object:power() end

---`powerI()` → number
---@return integer
function buffer_object:powerI() end

---`fade(factor [, direction])`
---@param factor integer
---@param direction? integer
function buffer_object:fade(factor, direction) end

---`fadeI(factor [, direction])`
---@param factor integer
---@param direction? integer
function buffer_object:fadeI(factor, direction) end

---`shift(shift [, mode [, from [, to]]])`
---@param shift integer
---@param mode? integer
---@param from? integer
---@param to? integer
function buffer_object:shift(shift, mode, from, to) end

---`sub(from [, to])` → buffer
---@param from integer
---@param to? integer
---@return pixbuf.buffer
function buffer_object:sub(from, to) end

---from older firmware, as `ws2812.write(buffer)`
function buffer_object:write() end

---`map(function(...) [, buffer or nil [, from or nil [, to or nil [, buffer [, from]]]]])` → buffer
---@param callback fun(...: any)
---@param buffer? pixbuf.buffer?
---@param from? integer?
---@param to? integer?
---@param buffer5? pixbuf.buffer
---@param from6? integer
---@return pixbuf.buffer
function buffer_object:map(callback, buffer, from, to, buffer5, from6) end

---@class pixbuf_module
---@field FADE_IN integer
---@field FADE_OUT integer
---@field SHIFT_CIRCULAR integer
---@field SHIFT_LOGICAL integer
pixbuf = {}

---`newBuffer(count, channels)` → buffer
---@param count integer
---@param channels integer
---@return pixbuf.buffer
function pixbuf.newBuffer(count, channels) end

return pixbuf
