---@meta rtctime
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class rtctime_module
rtctime = {}

---`get()` → seconds, microseconds, rate
---@return integer
---@return integer
---@return integer
function rtctime.get() end

---`set(seconds [, microseconds [, rate]])`
---@param seconds integer
---@param microseconds? integer
---@param rate? integer
function rtctime.set(seconds, microseconds, rate) end

---`epoch2cal(seconds)` → table
---@param seconds integer
---@return table
function rtctime.epoch2cal(seconds) end

---`adjust_delta(microseconds)`
---@param microseconds integer
function rtctime.adjust_delta(microseconds) end

---`dsleep(microseconds [, option])`
---@param microseconds integer
---@param option? integer
function rtctime.dsleep(microseconds, option) end

---`dsleep_aligned(microseconds, microseconds [, option])`
---@param microseconds integer
---@param microseconds2 integer
---@param option? integer
function rtctime.dsleep_aligned(microseconds, microseconds2, option) end

return rtctime
