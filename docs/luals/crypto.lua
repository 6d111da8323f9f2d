---@meta crypto
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class crypto.hash
local hash_object = {}

---`update(text)`
---@param text string
function hash_object:update(text) end

---`finalize()` → text
---@return string
function hash_object:finalize() end

---@class crypto_module
crypto = {}

---`hash(algorithm, text)` → text
---@param algorithm string
---@param text string
---@return string
function crypto.hash(algorithm, text) end

---`hmac(algorithm, text, key)` → text
---@param algorithm string
---@param text string
---@param key string
---@return string
function crypto.hmac(algorithm, text, key) end

---`fhash(algorithm, filename)` → text or nil
---@param algorithm string
---@param filename string
---@return string?
function crypto.fhash(algorithm, filename) end

---`sha1(text)` → text
---@param text string
---@return string
function crypto.sha1(text) end

---`new_hash(algorithm)` → hash
---@param algorithm string
---@return crypto.hash
function crypto.new_hash(algorithm) end

---`new_hmac(algorithm, key)` → hash
---@param algorithm string
---@param key string
---@return crypto.hash
function crypto.new_hmac(algorithm, key) end

---`encrypt(algorithm, key, text [, vector])` → text
---@param algorithm string
---@param key string
---@param text string
---@param vector? string
---@return string
function crypto.encrypt(algorithm, key, text, vector) end

---`decrypt(algorithm, key, text [, vector])` → text
---@param algorithm string
---@param key string
---@param text string
---@param vector? string
---@return string
function crypto.decrypt(algorithm, key, text, vector) end

---`mask(text, key)` → text
---@param text string
---@param key string
---@return string
function crypto.mask(text, key) end

---`toHex(text)` → text
---@param text string
---@return string
function crypto.toHex(text) end

---`toBase64(text)` → text
---@param text string
---@return string
function crypto.toBase64(text) end

return crypto
