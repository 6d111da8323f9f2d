---@meta dht
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class dht_module
---@field OK integer
---@field ERROR_CHECKSUM integer
---@field ERROR_TIMEOUT integer
dht = {}

---`read(pin)` → status, temp, humidity, thousandths, thousandths
---@param pin integer
---@return integer
---@return number
---@return number
---@return integer
---@return integer
function dht.read(pin) end

---`read11(pin)` → status, temp, humidity, thousandths, thousandths
---@param pin integer
---@return integer
---@return number
---@return number
---@return integer
---@return integer
function dht.read11(pin) end

---`read12(pin)` → status, temp, humidity, thousandths, thousandths
---@param pin integer
---@return integer
---@return number
---@return number
---@return integer
---@return integer
function dht.read12(pin) end

---`readxx(pin)` → status, temp, humidity, thousandths, thousandths
---@param pin integer
---@return integer
---@return number
---@return number
---@return integer
---@return integer
function dht.readxx(pin) end

return dht
