---@meta tmr
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class tmr.timer
local timer_object = {}

---`alarm(ms, mode, function(timer))` → boolean
---@param ms number
---@param mode integer
---@param callback fun(timer: tmr.timer)
---@return boolean
function timer_object:alarm(ms, mode, callback) end

---`register(ms, mode, function(timer))`
---@param ms number
---@param mode integer
---@param callback fun(timer: tmr.timer)
function timer_object:register(ms, mode, callback) end

---`start([restart])` → boolean
---@param restart? boolean
---@return boolean
function timer_object:start(restart) end

---`stop()` → boolean
---@return boolean
function timer_object:stop() end

---`unregister()`
function timer_object:unregister() end

---`interval(ms)`
---@param ms number
function timer_object:interval(ms) end

---`state()` → boolean or nil, mode or nil
---@return boolean?
---@return integer?
function timer_object:state() end

---@class tmr_module
---@field ALARM_SINGLE integer
---@field ALARM_SEMI integer
---@field ALARM_AUTO integer
tmr = {}

---`create()` → timer
---@return tmr.timer
function tmr.create() end

---`now()` → microseconds
---@return integer
function tmr.now() end

---`time()` → seconds
---@return integer
function tmr.time() end

---`delay(microseconds)`
---@param microseconds integer
function tmr.delay(microseconds) end

---`wdclr()`
function tmr.wdclr() end

---the device restarts unless it is called again in time, and -1 ends it
---@param seconds integer
function tmr.softwd(seconds) end

---`ccount()` → number
---@return integer
function tmr.ccount() end

---this and the following functions are from older firmware. The forms `alarm(ms, mode, function())` and `stop()` of the first firmware use timer 0
---@param id integer
---@param ms number
---@param mode integer
---@param callback fun()
---@return boolean
function tmr.alarm(id, ms, mode, callback) end

---`register(id, ms, mode, function())`
---@param id integer
---@param ms number
---@param mode integer
---@param callback fun()
function tmr.register(id, ms, mode, callback) end

---`start(id [, restart])` → boolean
---@param id integer
---@param restart? boolean
---@return boolean
function tmr.start(id, restart) end

---`stop(id)` → boolean
---@param id integer
---@return boolean
function tmr.stop(id) end

---`unregister(id)`
---@param id integer
function tmr.unregister(id) end

---`interval(id, ms)`
---@param id integer
---@param ms number
function tmr.interval(id, ms) end

---`state(id)` → boolean or nil, mode or nil
---@param id integer
---@return boolean?
---@return integer?
function tmr.state(id) end

return tmr
