---@meta bit
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class bit_module
bit = {}

---`bnot(value)` → number
---@param value integer
---@return integer
function bit.bnot(value) end

---`band(value, ...)` → number
---@param value integer
---@param ... any
---@return integer
function bit.band(value, ...) end

---`bor(value, ...)` → number
---@param value integer
---@param ... any
---@return integer
function bit.bor(value, ...) end

---`bxor(value, ...)` → number
---@param value integer
---@param ... any
---@return integer
function bit.bxor(value, ...) end

---`lshift(value, shift)` → number
---@param value integer
---@param shift integer
---@return integer
function bit.lshift(value, shift) end

---`rshift(value, shift)` → number
---@param value integer
---@param shift integer
---@return integer
function bit.rshift(value, shift) end

---`arshift(value, shift)` → number
---@param value integer
---@param shift integer
---@return integer
function bit.arshift(value, shift) end

---`bit(position)` → number
---@param position integer
---@return integer
function bit.bit(position) end

---`set(value, position, ...)` → number
---@param value integer
---@param position integer
---@param ... any
---@return integer
function bit.set(value, position, ...) end

---`clear(value, position, ...)` → number
---@param value integer
---@param position integer
---@param ... any
---@return integer
function bit.clear(value, position, ...) end

---`isset(value, position)` → boolean
---@param value integer
---@param position integer
---@return boolean
function bit.isset(value, position) end

---`isclear(value, position)` → boolean
---@param value integer
---@param position integer
---@return boolean
function bit.isclear(value, position) end

return bit
