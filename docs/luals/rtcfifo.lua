---@meta rtcfifo
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class rtcfifo_module
rtcfifo = {}

---`prepare([options])`
---@param options? table
function rtcfifo.prepare(options) end

---`ready()` → number
---@return integer
function rtcfifo.ready() end

---`put(seconds, value, decimals, name)`
---@param seconds integer
---@param value integer
---@param decimals integer
---@param name string
function rtcfifo.put(seconds, value, decimals, name) end

---`peek([offset])` → seconds or nil, value or nil, decimals or nil, name or nil
---@param offset? integer
---@return integer?
---@return integer?
---@return integer?
---@return string?
function rtcfifo.peek(offset) end

---`pop()` → seconds or nil, value or nil, decimals or nil, name or nil
---@return integer?
---@return integer?
---@return integer?
---@return string?
function rtcfifo.pop() end

---`drop(count)`
---@param count integer
function rtcfifo.drop(count) end

---`count()` → number
---@return integer
function rtcfifo.count() end

---`dsleep_until_sample(microseconds)`
---@param microseconds integer
function rtcfifo.dsleep_until_sample(microseconds) end

return rtcfifo
