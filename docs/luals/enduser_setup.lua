---@meta enduser_setup
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class enduser_setup_module
enduser_setup = {}

---`start([ssid,] [function() [, function(code, text) [, function(text)]]])`
---@overload fun(callback?: fun(), callback3?: fun(code: integer, text: string), callback4?: fun(text: string))
---@param ssid string
---@param callback? fun()
---@param callback3? fun(code: integer, text: string)
---@param callback4? fun(text: string)
function enduser_setup.start(ssid, callback, callback3, callback4) end

---`stop()`
function enduser_setup.stop() end

---`manual([on])` → boolean
---@param on? boolean
---@return boolean
function enduser_setup.manual(on) end

return enduser_setup
