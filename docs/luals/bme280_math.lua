---@meta bme280_math
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class bme280_math_module
bme280_math = {}

---`setup(text [, ...])` → table, table
---@param text string
---@param ...? any
---@return table
---@return table
function bme280_math.setup(text, ...) end

---`read(table, text [, altitude])` → temp or nil, pressure or nil, humidity or nil, pressure or nil
---@param table table
---@param text string
---@param altitude? number
---@return number?
---@return number?
---@return number?
---@return number?
function bme280_math.read(table, text, altitude) end

---`qfe2qnh(pressure, altitude)` → pressure
---@param pressure number
---@param altitude number
---@return number
function bme280_math.qfe2qnh(pressure, altitude) end

---`altitude(pressure, pressure)` → altitude
---@param pressure number
---@param pressure2 number
---@return number
function bme280_math.altitude(pressure, pressure2) end

---`dewpoint(humidity, temp)` → temp
---@param humidity number
---@param temp number
---@return number
function bme280_math.dewpoint(humidity, temp) end

return bme280_math
