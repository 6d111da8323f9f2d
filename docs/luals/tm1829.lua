---@meta tm1829
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class tm1829_module
tm1829 = {}

---`write(pin, pixels)`
---@param pin integer
---@param pixels string|pixbuf.buffer
function tm1829.write(pin, pixels) end

return tm1829
