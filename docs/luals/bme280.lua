---@meta bme280
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class bme280_module
bme280 = {}

---`setup([...])` → number or table or nil
---@param ...? any
---@return integer|table|nil
function bme280.setup(...) end

---`init(pin, pin [, ...])` → number or nil
---@param pin integer
---@param pin2 integer
---@param ...? any
---@return integer?
function bme280.init(pin, pin2, ...) end

---`read([altitude])` → number or nil, number or nil, number or nil, number or nil
---@param altitude? number
---@return integer?
---@return integer?
---@return integer?
---@return integer?
function bme280.read(altitude) end

---`temp()` → number or nil, number or nil
---@return integer?
---@return integer?
function bme280.temp() end

---`baro()` → number or nil, number or nil
---@return integer?
---@return integer?
function bme280.baro() end

---`humi()` → number or nil, number or nil
---@return integer?
---@return integer?
function bme280.humi() end

---`startreadout([ms [, function()]])`
---@param ms? number
---@param callback? fun()
function bme280.startreadout(ms, callback) end

---`qfe2qnh(pressure, altitude)` → number
---@param pressure number
---@param altitude number
---@return integer
function bme280.qfe2qnh(pressure, altitude) end

---`altitude(pressure, pressure)` → number
---@param pressure number
---@param pressure2 number
---@return integer
function bme280.altitude(pressure, pressure2) end

---`dewpoint(humidity, temp)` → number
---@param humidity number
---@param temp number
---@return integer
function bme280.dewpoint(humidity, temp) end

return bme280
