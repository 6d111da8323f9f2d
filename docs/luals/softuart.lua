---@meta softuart
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class softuart.port
local port_object = {}

---`on(event, wanted [, function(data)])`
---@param event string
---@param wanted integer|string
---@param callback? fun(data: string)
function port_object:on(event, wanted, callback) end

---`write(text_or_byte)`
---@param text_or_byte integer|string
function port_object:write(text_or_byte) end

---@class softuart_module
softuart = {}

---`setup(baud, pin or nil [, pin])` → serial_port
---@param baud integer
---@param pin integer?
---@param pin3? integer
---@return softuart.port
function softuart.setup(baud, pin, pin3) end

return softuart
