---@meta pwm2
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class pwm2_module
pwm2 = {}

---`setup_pin_hz(pin, hz, steps, duty [, divisor])`
---@param pin integer
---@param hz integer
---@param steps integer
---@param duty integer
---@param divisor? integer
function pwm2.setup_pin_hz(pin, hz, steps, duty, divisor) end

---`setup_pin_sec(pin, seconds, steps, duty [, divisor])`
---@param pin integer
---@param seconds integer
---@param steps integer
---@param duty integer
---@param divisor? integer
function pwm2.setup_pin_sec(pin, seconds, steps, duty, divisor) end

---`start()` → boolean
---@return boolean
function pwm2.start() end

---`stop()`
function pwm2.stop() end

---`set_duty(pin, duty, ...)`
---@param pin integer
---@param duty integer
---@param ... any
function pwm2.set_duty(pin, duty, ...) end

---`release_pin(pin, ...)`
---@param pin integer
---@param ... any
function pwm2.release_pin(pin, ...) end

---`print_setup()`
function pwm2.print_setup() end

---`get_timer_data()` → boolean, cycles, number
---@return boolean
---@return integer
---@return integer
function pwm2.get_timer_data() end

---`get_pin_data(pin)` → number, duty, steps, number, number, cycles, number
---@param pin integer
---@return integer
---@return integer
---@return integer
---@return integer
---@return integer
---@return integer
---@return integer
function pwm2.get_pin_data(pin) end

return pwm2
