---@meta switec
-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.

---@class switec_module
switec = {}

---`setup(channel, pin, pin, pin, pin [, speed])`
---@param channel integer
---@param pin integer
---@param pin3 integer
---@param pin4 integer
---@param pin5 integer
---@param speed? integer
function switec.setup(channel, pin, pin3, pin4, pin5, speed) end

---`close(channel)`
---@param channel integer
function switec.close(channel) end

---`reset(channel)`
---@param channel integer
function switec.reset(channel) end

---`moveto(channel, position [, function()])`
---@param channel integer
---@param position integer
---@param callback? fun()
function switec.moveto(channel, position, callback) end

---`getpos(channel)` → number, number
---@param channel integer
---@return integer
---@return integer
function switec.getpos(channel) end

return switec
