---@meta somfy
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class somfy_module
---@field DOWN integer
---@field PROG integer
---@field STOP integer
---@field UP integer
somfy = {}

---`sendcommand(pin, value, value, value [, count [, function()]])`
---@param pin integer
---@param value integer
---@param value3 integer
---@param value4 integer
---@param count? integer
---@param callback? fun()
function somfy.sendcommand(pin, value, value3, value4, count, callback) end

---`listen([pin [, function(number, value, code, text)]])`
---@param pin? integer
---@param callback? fun(number: integer, value: integer, code: integer, text: string)
function somfy.listen(pin, callback) end

return somfy
