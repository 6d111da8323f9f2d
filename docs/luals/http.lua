---@meta http
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class http_module
---@field ERROR integer
---@field OK integer
http = {}

---`get(url [, header_lines [, function(status, body or nil, headers or nil)]])`
---@param url string
---@param header_lines? string
---@param callback? fun(status: integer, body: string?, headers: table?)
function http.get(url, header_lines, callback) end

---`post(url [, header_lines [, body [, function(status, body or nil, headers or nil)]]])`
---@param url string
---@param header_lines? string
---@param body? string
---@param callback? fun(status: integer, body: string?, headers: table?)
function http.post(url, header_lines, body, callback) end

---`put(url [, header_lines [, body [, function(status, body or nil, headers or nil)]]])`
---@param url string
---@param header_lines? string
---@param body? string
---@param callback? fun(status: integer, body: string?, headers: table?)
function http.put(url, header_lines, body, callback) end

---`delete(url [, header_lines [, body [, function(status, body or nil, headers or nil)]]])`
---@param url string
---@param header_lines? string
---@param body? string
---@param callback? fun(status: integer, body: string?, headers: table?)
function http.delete(url, header_lines, body, callback) end

---`request(url, method [, header_lines [, body [, function(status, body or nil, headers or nil)]]])`
---@param url string
---@param method string
---@param header_lines? string
---@param body? string
---@param callback? fun(status: integer, body: string?, headers: table?)
function http.request(url, method, header_lines, body, callback) end

return http
