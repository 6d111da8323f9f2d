---@meta bloom
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class bloom.filter
local filter_object = {}

---`add(text)` → boolean
---@param text string
---@return boolean
function filter_object:add(text) end

---`check(text)` → boolean
---@param text string
---@return boolean
function filter_object:check(text) end

---`reset()`
function filter_object:reset() end

---`info()` → number, number, number, number
---@return integer
---@return integer
---@return integer
---@return integer
function filter_object:info() end

---@class bloom_module
bloom = {}

---`create(count, rate)` → filter
---@param count integer
---@param rate integer
---@return bloom.filter
function bloom.create(count, rate) end

return bloom
