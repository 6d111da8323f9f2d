---@meta pcm
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class pcm.driver
local driver_object = {}

---`play([rate])`
---@param rate? integer
function driver_object:play(rate) end

---`pause()`
function driver_object:pause() end

---`stop()`
function driver_object:stop() end

---`close()`
function driver_object:close() end

---`on(event [, function [, rate]])`
---@overload fun(self: pcm.driver, event: "data", callback: (fun(driver: pcm.driver))|nil)
---@overload fun(self: pcm.driver, event: "drained", callback: (fun(driver: pcm.driver))|nil)
---@overload fun(self: pcm.driver, event: "paused", callback: (fun(driver: pcm.driver))|nil)
---@overload fun(self: pcm.driver, event: "stopped", callback: (fun(driver: pcm.driver))|nil)
---@overload fun(self: pcm.driver, event: "vu", callback: (fun(driver: pcm.driver, level: integer))|nil)
---@param event string
---@param callback? function
---@param rate? integer
function driver_object:on(event, callback, rate) end

---@class pcm_module
---@field SD integer
---@field RATE_1K integer
---@field RATE_2K integer
---@field RATE_4K integer
---@field RATE_5K integer
---@field RATE_8K integer
---@field RATE_10K integer
---@field RATE_12K integer
---@field RATE_16K integer
pcm = {}

---`new(kind, pin)` → driver
---@param kind integer
---@param pin integer
---@return pcm.driver
function pcm.new(kind, pin) end

return pcm
