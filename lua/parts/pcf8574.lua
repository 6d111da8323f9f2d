-- PCF8574: eight pins (NXP, PCF8574 data sheet, section 8): a byte that is written sets the pins, a
-- byte that is read has their levels. A pin that was set to 1 can be pulled to 0 from outside: p0
-- to p7 say which. The output INT is low from a change of the pins until the script reads or writes
-- them, or until they are as before.

local part = require "netmcu.parts.part"

local values = {}
for i = 0, 7 do
  values[i + 1] = {name = "p" .. i, default = 1, least = 0, most = 1}
end

local pcf8574 = part.class {
  kind = "pcf8574", bus = "i2c", failures = "silent", values = values, wires = "int",
  addresses = {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27},
}

local function levels(self)
  return self.latch & self:levels "p"
end

function pcf8574:start()
  self.latch = 0xff
  self.seen = levels(self)
end

function pcf8574:plugged_in()
  self:drive("int", 1)
end

function pcf8574:changed()
  self:drive("int", levels(self) == self.seen and 1 or 0)
end

-- Returns what the script has set.
function pcf8574:outputs()
  return self.latch
end

function pcf8574.begin() end

function pcf8574:receive(byte)
  self.latch = byte
  self:send()
end

function pcf8574:send()
  self.seen = levels(self)
  self:drive("int", 1)
  return self.seen
end

return pcf8574
