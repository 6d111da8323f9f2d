---@meta adc
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class adc_module
---@field INIT_ADC integer
---@field INIT_VDD33 integer
adc = {}

---`read(channel)` → number
---@param channel integer
---@return integer
function adc.read(channel) end

---`readvdd33()` → millivolts
---@return integer
function adc.readvdd33() end

---`force_init_mode(mode)` → boolean
---@param mode integer
---@return boolean
function adc.force_init_mode(mode) end

return adc
