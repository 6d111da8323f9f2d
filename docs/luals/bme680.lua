---@meta bme680
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class bme680_module
bme680 = {}

---`setup([value [, value [, value [, value [, ms [, value [, value]]]]]]])` → number or nil
---@param value? integer
---@param value2? integer
---@param value3? integer
---@param value4? integer
---@param ms? number
---@param value6? integer
---@param value7? integer
---@return integer?
function bme680.setup(value, value2, value3, value4, ms, value6, value7) end

---`startreadout([ms [, function()]])`
---@param ms? number
---@param callback? fun()
function bme680.startreadout(ms, callback) end

---`read([altitude])` → number or nil, number or nil, number or nil, number or nil, number or nil
---@param altitude? number
---@return integer?
---@return integer?
---@return integer?
---@return integer?
---@return integer?
function bme680.read(altitude) end

---`qfe2qnh(pressure, altitude)` → number
---@param pressure number
---@param altitude number
---@return integer
function bme680.qfe2qnh(pressure, altitude) end

---`altitude(pressure, pressure)` → number
---@param pressure number
---@param pressure2 number
---@return integer
function bme680.altitude(pressure, pressure2) end

---`dewpoint(humidity, temp)` → number
---@param humidity number
---@param temp number
---@return integer
function bme680.dewpoint(humidity, temp) end

return bme680
