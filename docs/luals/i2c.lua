---@meta i2c
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class i2c_module
---@field TRANSMITTER integer
---@field RECEIVER integer
---@field SLOW integer
---@field FAST integer
---@field FASTPLUS integer
---@field SW integer
---@field HW0 integer
---@field HW1 integer
i2c = {}

---`setup(id, pin, pin, speed [, number])` → speed or cycles
---@param id integer
---@param pin integer
---@param pin3 integer
---@param speed integer
---@param number? integer
---@return integer
function i2c.setup(id, pin, pin3, speed, number) end

---`start(id)`
---@param id integer
function i2c.start(id) end

---`stop(id)`
---@param id integer
function i2c.stop(id) end

---`address(id, device_address, direction [, ack_check])` → boolean
---@param id integer
---@param device_address integer
---@param direction integer
---@param ack_check? boolean
---@return boolean
function i2c.address(id, device_address, direction, ack_check) end

---`write(id, ...)` → count
---@param id integer
---@param ... any
---@return integer
function i2c.write(id, ...) end

---`read(id, size)` → text or nil
---@param id integer
---@param size integer
---@return string?
function i2c.read(id, size) end

---`transfer(id [, function(text or nil, ack)])` → text or nil, boolean or nil
---@param id integer
---@param callback? fun(text: string?, ack: boolean)
---@return string?
---@return boolean?
function i2c.transfer(id, callback) end

return i2c
