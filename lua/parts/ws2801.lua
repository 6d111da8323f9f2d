-- ws2801: a strip of LEDs. Its pin is that of the data.
--
-- On a bus, the LEDs take a byte for each colour until the clock pauses (Worldsemi, WS2801 data
-- sheet, "Data transfer"). Here, the pause comes at the end of the script's callback, or when each
-- LED has its colour.

local host = require "netmcu.host"

local ws2801 = require "netmcu.parts.strip".class {kind = "ws2801", pin = 4, order = "rgb"}

-- Takes a byte from the SPI bus.
function ws2801:shift(byte)
  if not self.pending then
    self.pending, self.position = "", 0
    host.post(function() self.pending = nil end)
  end
  self.pending = self.pending .. string.char(byte)
  if #self.pending == #self.order then
    self:put(self.position + 1, self.pending)
    self.pending, self.position = "", (self.position + 1) % (self.settings.leds or math.maxinteger)
  end
end

return ws2801
