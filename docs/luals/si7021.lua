---@meta si7021
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class si7021_module
---@field RH12_TEMP14 integer
---@field RH08_TEMP12 integer
---@field RH10_TEMP13 integer
---@field RH11_TEMP11 integer
---@field HEATER_ENABLE integer
---@field HEATER_DISABLE integer
si7021 = {}

---`setup()`
function si7021.setup() end

---`read()` → humidity, temp, thousandths, thousandths
---@return number
---@return number
---@return integer
---@return integer
function si7021.read() end

---`setting(resolution [, heater, heater_setting])` → number, number, number, number
---@param resolution integer
---@param heater? integer
---@param heater_setting? integer
---@return integer
---@return integer
---@return integer
---@return integer
function si7021.setting(resolution, heater, heater_setting) end

---`serial()` → number, number
---@return integer
---@return integer
function si7021.serial() end

---`firmware()` → number
---@return integer
function si7021.firmware() end

return si7021
