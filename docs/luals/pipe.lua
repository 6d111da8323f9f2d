---@meta pipe
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class pipe.pipe
local pipe_object = {}

---`read([amount])` → text or nil
---@param amount? integer|string
---@return string?
function pipe_object:read(amount) end

---`write(text)`
---@param text string
function pipe_object:write(text) end

---`unread(text)`
---@param text string
function pipe_object:unread(text) end

---`reader(amount)` → function
---@param amount integer|string
---@return function
function pipe_object:reader(amount) end

---`nrec()` → number
---@return integer
function pipe_object:nrec() end

---@class pipe_module
pipe = {}

---`create([function(pipe) [, priority]])` → pipe
---@param callback? fun(pipe: pipe.pipe)
---@param priority? integer
---@return pipe.pipe
function pipe.create(callback, priority) end

return pipe
