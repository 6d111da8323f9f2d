---@meta ow
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class ow_module
ow = {}

---`setup(pin)`
---@param pin integer
function ow.setup(pin) end

---`reset(pin)` → number
---@param pin integer
---@return integer
function ow.reset(pin) end

---`skip(pin)`
---@param pin integer
function ow.skip(pin) end

---`select(pin, rom or list)`
---@param pin integer
---@param rom string|table
function ow.select(pin, rom) end

---`write(pin, value [, power])`
---@param pin integer
---@param value integer
---@param power? integer
function ow.write(pin, value, power) end

---`write_bytes(pin, text [, power])`
---@param pin integer
---@param text string
---@param power? integer
function ow.write_bytes(pin, text, power) end

---`read(pin)` → number
---@param pin integer
---@return integer
function ow.read(pin) end

---`read_bytes(pin, size)` → text or nil
---@param pin integer
---@param size integer
---@return string?
function ow.read_bytes(pin, size) end

---`depower(pin)`
---@param pin integer
function ow.depower(pin) end

---`reset_search(pin)`
---@param pin integer
function ow.reset_search(pin) end

---`target_search(pin, family)`
---@param pin integer
---@param family integer
function ow.target_search(pin, family) end

---`search(pin [, alarm])` → rom or nil
---@param pin integer
---@param alarm? integer
---@return string?
function ow.search(pin, alarm) end

---`crc8(text)` → number
---@param text string
---@return integer
function ow.crc8(text) end

---`crc16(text [, crc])` → number
---@param text string
---@param crc? integer
---@return integer
function ow.crc16(text, crc) end

---`check_crc16(text, crc_low, crc_high [, crc])` → boolean
---@param text string
---@param crc_low integer
---@param crc_high integer
---@param crc? integer
---@return boolean
function ow.check_crc16(text, crc_low, crc_high, crc) end

---`timings(...)`
---@param ... any
function ow.timings(...) end

return ow
