-- HX711: a converter of 24 bits for load cells (Avia Semiconductor, HX711 data sheet, "Serial
-- interface"; the driver hx711 of Linux reads it alike). It is ready while its data pin is low. Each
-- rising edge at the pin `clock` shows the next bit there, the highest first. One to three more edges
-- end the reading, and choose what the next one measures: input A with a gain of 128, input B with
-- 32, or input A with 64.

local part = require "netmcu.parts.part"
local pins = require "netmcu.parts.pins"

local BITS, MOST_MODE = 24, 2

local function input(name)
  return {name = name, unit = "", default = 0, least = -0x800000, most = 0x7fffff}
end

local hx711 = part.class {kind = "hx711", bus = "pin", keys = "clock", values = {input "load", input "b"}}

function hx711:start()
  self.count, self.mode = 0, 0
end

-- Returns a measurement in steps. `load` is that of input A with the gain of 128.
function hx711:sample(mode)
  local steps = mode == 1 and self:value "b" or self:value "load" / (mode == 2 and 2 or 1)
  return math.max(-0x800000, math.min(0x7fffff, math.floor(steps + 0.5)))
end

local function clock(self, level)
  if level == 1 and not self.is_high then
    self.count = self.count + 1
    self.raw = self.count == 1 and self:sample(self.mode) or self.raw
  end
  self.is_high = level == 1
end

-- The next measurement is ready as soon as the script looks for it.
local function finish_reading(self)
  if self.count > BITS and not self.is_high then
    self.count, self.mode = 0, math.min(self.count - BITS - 1, MOST_MODE)
  end
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
  finish_reading(self)
  if self.failing == "silent" or self.count > BITS then
    return 1
  end
  return self.count == 0 and 0 or self.raw >> BITS - self.count & 1
end

return hx711
