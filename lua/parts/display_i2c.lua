-- display_i2c: like the part "display", on I²C.

local Display = require "netmcu.parts.display"

local DisplayI2c = {kind = "display_i2c", bus = "i2c", addresses = {0x3c}}
DisplayI2c.__index = DisplayI2c
setmetatable(DisplayI2c, {__index = Display})

-- The display accepts and ignores the bytes for its controller.
function DisplayI2c.begin() end
function DisplayI2c.receive() end

function DisplayI2c.send()
  return 0
end

return DisplayI2c
