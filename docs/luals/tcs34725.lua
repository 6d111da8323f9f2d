---@meta tcs34725
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class tcs34725_module
tcs34725 = {}

---`setup()` → number
---@return integer
function tcs34725.setup() end

---`enable(anything)`
---@param anything any
function tcs34725.enable(anything) end

---`disable()`
function tcs34725.disable() end

---`raw()` → number, number, number, number
---@return integer
---@return integer
---@return integer
---@return integer
function tcs34725.raw() end

---`setGain(value)`
---@param value integer
function tcs34725.setGain(value) end

---`setIntegrationTime(value)`
---@param value integer
function tcs34725.setIntegrationTime(value) end

return tcs34725
