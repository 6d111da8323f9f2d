---@meta encoder
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class encoder_module
encoder = {}

---`toBase64(text)` → text
---@param text string
---@return string
function encoder.toBase64(text) end

---`fromBase64(text)` → text
---@param text string
---@return string
function encoder.fromBase64(text) end

---`toHex(text)` → text
---@param text string
---@return string
function encoder.toHex(text) end

---`fromHex(text)` → text
---@param text string
---@return string
function encoder.fromHex(text) end

return encoder
