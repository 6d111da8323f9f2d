---@meta struct
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class struct_module
struct = {}

---`pack(layout, ...)` → text
---@param layout string
---@param ... any
---@return string
function struct.pack(layout, ...) end

---`unpack(layout, text [, position])` → anything, ...
---@param layout string
---@param text string
---@param position? integer
---@return any
---@return any ...
function struct.unpack(layout, text, position) end

---`size(layout)` → bytes
---@param layout string
---@return integer
function struct.size(layout) end

return struct
