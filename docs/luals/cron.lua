---@meta cron
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class cron.entry
local entry_object = {}

---`schedule(mask)`
---@param mask string
function entry_object:schedule(mask) end

---`handler(function(entry))`
---@param callback fun(entry: cron.entry)
function entry_object:handler(callback) end

---`unschedule()`
function entry_object:unschedule() end

---@class cron_module
cron = {}

---`schedule(mask, function(entry))` → entry
---@param mask string
---@param callback fun(entry: cron.entry)
---@return cron.entry
function cron.schedule(mask, callback) end

---`reset()`
function cron.reset() end

return cron
