-- PCF8574: eight pins (NXP, PCF8574 data sheet, section 8): a byte that is written sets the pins, a
-- byte that is read has their levels. A pin that was set to 1 can be pulled to 0 from outside: p0
-- to p7 say which.

local part = require "netmcu.parts.part"

local values = {}
for i = 0, 7 do
  values[i + 1] = {name = "p" .. i, default = 1, least = 0, most = 1}
end

local pcf8574 = part.class {
  kind = "pcf8574", bus = "i2c", failures = "silent", values = values,
  addresses = {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27},
}

function pcf8574:start()
  self.latch = 0xff
end

-- Returns what the script has set.
function pcf8574:outputs()
  return self.latch
end

function pcf8574.begin() end

function pcf8574:receive(byte)
  self.latch = byte
end

function pcf8574:send()
  local levels = 0
  for i = 0, 7 do
    levels = levels | (self:value("p" .. i) >= 0.5 and 1 or 0) << i
  end
  return self.latch & levels
end

return pcf8574
