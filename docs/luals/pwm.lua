---@meta pwm
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class pwm_module
pwm = {}

---`setup(pin, hz, duty)` → hz
---@param pin integer
---@param hz integer
---@param duty integer
---@return integer
function pwm.setup(pin, hz, duty) end

---`start(pin)`
---@param pin integer
function pwm.start(pin) end

---`stop(pin)`
---@param pin integer
function pwm.stop(pin) end

---`close(pin)`
---@param pin integer
function pwm.close(pin) end

---`setclock(pin, hz)` → hz
---@param pin integer
---@param hz integer
---@return integer
function pwm.setclock(pin, hz) end

---`getclock(pin)` → hz
---@param pin integer
---@return integer
function pwm.getclock(pin) end

---`setduty(pin, duty)` → duty
---@param pin integer
---@param duty integer
---@return integer
function pwm.setduty(pin, duty) end

---`getduty(pin)` → duty
---@param pin integer
---@return integer
function pwm.getduty(pin) end

return pwm
