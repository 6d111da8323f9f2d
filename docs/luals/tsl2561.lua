---@meta tsl2561
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class tsl2561_module
---@field ADDRESS_FLOAT integer
---@field ADDRESS_GND integer
---@field ADDRESS_VDD integer
---@field GAIN_16X integer
---@field GAIN_1X integer
---@field INTEGRATIONTIME_101MS integer
---@field INTEGRATIONTIME_13MS integer
---@field INTEGRATIONTIME_402MS integer
---@field PACKAGE_CS integer
---@field PACKAGE_T_FN_CL integer
---@field TSL2561_ERROR_I2CBUSY integer
---@field TSL2561_ERROR_I2CINIT integer
---@field TSL2561_ERROR_LAST integer
---@field TSL2561_ERROR_NOINIT integer
---@field TSL2561_OK integer
tsl2561 = {}

---`init(pin, pin [, address [, value]])` → number
---@param pin integer
---@param pin2 integer
---@param address? string
---@param value? integer
---@return integer
function tsl2561.init(pin, pin2, address, value) end

---`settiming([value [, value]])` → number
---@param value? integer
---@param value2? integer
---@return integer
function tsl2561.settiming(value, value2) end

---`getlux()` → number, number
---@return integer
---@return integer
function tsl2561.getlux() end

---`getrawchannels()` → number, number, number
---@return integer
---@return integer
---@return integer
function tsl2561.getrawchannels() end

return tsl2561
