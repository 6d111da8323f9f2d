-- PCF8574A: a PCF8574 with other addresses (NXP, PCF8574A data sheet, table 5). Many boards with an
-- HD44780 display have one at 0x3f.

local pcf8574 = require "netmcu.parts.pcf8574"

local pcf8574a = {kind = "pcf8574a", addresses = {0x3f, 0x3e, 0x3d, 0x3c, 0x3b, 0x3a, 0x39, 0x38}}
pcf8574a.__index = pcf8574a

return setmetatable(pcf8574a, {__index = pcf8574})
