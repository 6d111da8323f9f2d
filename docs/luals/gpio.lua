---@meta gpio
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class gpio.pulse
local pulse_object = {}

---`start([adjust,] function(position, steps, offset, microseconds))`
---@overload fun(self: gpio.pulse, callback: fun(position: integer, steps: integer, offset: integer, microseconds: integer))
---@param adjust integer|boolean
---@param callback fun(position: integer, steps: integer, offset: integer, microseconds: integer)
function pulse_object:start(adjust, callback) end

---`stop([position,] function(position, steps, offset, microseconds))` → boolean or nil
---@overload fun(self: gpio.pulse, callback: fun(position: integer, steps: integer, offset: integer, microseconds: integer)): boolean?
---@param position integer
---@param callback fun(position: integer, steps: integer, offset: integer, microseconds: integer)
---@return boolean?
function pulse_object:stop(position, callback) end

---`cancel()` → position or nil, steps or nil, offset or nil, microseconds or nil
---@return integer?
---@return integer?
---@return integer?
---@return integer?
function pulse_object:cancel() end

---`adjust(offset)` → position or nil, steps or nil, offset or nil, microseconds or nil
---@param offset integer
---@return integer?
---@return integer?
---@return integer?
---@return integer?
function pulse_object:adjust(offset) end

---`update(position, options)`
---@param position integer
---@param options table
function pulse_object:update(position, options) end

---`getstate()` → position or nil, steps or nil, offset or nil, microseconds or nil
---@return integer?
---@return integer?
---@return integer?
---@return integer?
function pulse_object:getstate() end

---@class gpio_module
---@field FLOAT integer
---@field HIGH integer
---@field INPUT integer
---@field INT integer
---@field LOW integer
---@field OPENDRAIN integer
---@field OUTPUT integer
---@field PULLUP integer
gpio = {}

---`mode(pin, mode [, pull])`
---@param pin integer
---@param mode integer
---@param pull? integer
function gpio.mode(pin, mode, pull) end

---`read(pin)` → level
---@param pin integer
---@return integer
function gpio.read(pin) end

---`write(pin, level)`
---@param pin integer
---@param level integer
function gpio.write(pin, level) end

---`trig(pin [, kind_of_edge [, function(level, microseconds, count)]])`
---@param pin integer
---@param kind_of_edge? string
---@param callback? fun(level: integer, microseconds: integer, count: integer)
function gpio.trig(pin, kind_of_edge, callback) end

---`serout(pin, level, delays [, cycles [, function()]])`
---@param pin integer
---@param level integer
---@param delays integer|integer[]
---@param cycles? integer
---@param callback? fun()
function gpio.serout(pin, level, delays, cycles, callback) end

---@class gpio.pulse_module
gpio.pulse = {}

---`build(program)` → pulse
---@param program table
---@return gpio.pulse
function gpio.pulse.build(program) end

return gpio
