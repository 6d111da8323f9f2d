---@meta sjson
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class sjson.encoder
local encoder_object = {}

---`read([size])` → text or nil
---@param size? integer
---@return string?
function encoder_object:read(size) end

---@class sjson.decoder
local decoder_object = {}

---`write(text)` → anything
---@param text string
---@return any
function decoder_object:write(text) end

---`result()` → anything
---@return any
function decoder_object:result() end

---@class sjson_module
---@field NULL userdata
sjson = {}

---`encode(anything [, options])` → text
---@param anything any
---@param options? table
---@return string
function sjson.encode(anything, options) end

---`decode(text [, options])` → anything
---@param text string
---@param options? table
---@return any
function sjson.decode(text, options) end

---`encoder(anything [, options])` → encoder
---@param anything any
---@param options? table
---@return sjson.encoder
function sjson.encoder(anything, options) end

---`decoder([options])` → decoder
---@param options? table
---@return sjson.decoder
function sjson.decoder(options) end

cjson = sjson

return sjson
