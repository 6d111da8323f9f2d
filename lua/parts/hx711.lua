-- HX711: a converter of 24 bits for a load cell (Avia Semiconductor, HX711 data sheet, "Serial
-- interface"). It is ready while its data pin is low. Each rising edge at the pin `clock` shows the
-- next bit there, the highest first, and one more edge ends the reading.

local part = require "netmcu.parts.part"
local pins = require "netmcu.parts.pins"

local BITS = 24

local hx711 = part.class {
  kind = "hx711", bus = "pin", keys = "clock",
  values = {{name = "load", unit = "", default = 0, least = -0x800000, most = 0x7fffff}},
}

function hx711:start()
  self.count = 0
end

local function clock(self, level)
  if level == 0 then
    self.count = self.count > BITS and 0 or self.count
  elseif not self.is_high then
    self.count = self.count + 1
    self.raw = self.count == 1 and math.floor(self:value "load" + 0.5) or self.raw
  end
  self.is_high = level == 1
end

function hx711:plugged_in()
  pins.parts[self.settings.pin] = self
  if self.settings.clock then
    self.is_high = pins.levels[self.settings.clock] == 1
    pins.parts[self.settings.clock] = {level = function() end, moved = function(_, level) clock(self, level) end}
  end
end

function hx711:unplugged()
  pins.parts[self.settings.pin] = nil
  pins.parts[self.settings.clock or -1] = nil
end

function hx711.moved()
end

function hx711:level()
  if self.failing == "silent" or self.count > BITS then
    return 1
  end
  return self.count == 0 and 0 or self.raw >> BITS - self.count & 1
end

return hx711
