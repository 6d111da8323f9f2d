---@meta ws2801
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class ws2801_module
ws2801 = {}

---`init([clock_pin, data_pin])`
---@param clock_pin? integer
---@param data_pin? integer
function ws2801.init(clock_pin, data_pin) end

---`write(text)`
---@param text string
function ws2801.write(text) end

return ws2801
