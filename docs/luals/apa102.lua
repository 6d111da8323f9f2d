---@meta apa102
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class apa102_module
apa102 = {}

---`write(data_pin, clock_pin, pixels)`
---@param data_pin integer
---@param clock_pin integer
---@param pixels string|pixbuf.buffer
function apa102.write(data_pin, clock_pin, pixels) end

return apa102
