---@meta hx711
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class hx711_module
hx711 = {}

---`init(pin, pin)`
---@param pin integer
---@param pin2 integer
function hx711.init(pin, pin2) end

---`read([value])` → number
---@param value? integer
---@return integer
function hx711.read(value) end

---`start(value, count, anything)`
---@param value integer
---@param count integer
---@param anything any
function hx711.start(value, count, anything) end

---`stop()`
function hx711.stop() end

return hx711
