---@meta sigma_delta
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class sigma_delta_module
sigma_delta = {}

---`setup(pin)`
---@param pin integer
function sigma_delta.setup(pin) end

---`close(pin)`
---@param pin integer
function sigma_delta.close(pin) end

---`setpwmduty(duty)`
---@param duty integer
function sigma_delta.setpwmduty(duty) end

---`setprescale(value)`
---@param value integer
function sigma_delta.setprescale(value) end

---`settarget(value)`
---@param value integer
function sigma_delta.settarget(value) end

return sigma_delta
