-- apa102: a strip of LEDs whose first byte is the brightness. Its pin is that of the data.
--
-- On a bus, a frame begins with at least 32 zero bits. Four bytes for each LED follow, the first of
-- which begins with three ones (Shiji Lighting, APA102 data sheet, "Application").

local apa102 = require "netmcu.parts.strip".class {kind = "apa102", pin = 2, order = "ibgr"}

local START = 4 -- zero bytes

-- Takes a byte from the SPI bus. The bytes behind the last LED say nothing.
function apa102:shift(byte)
  local zeros, word = self.zeros or 0, self.word or ""
  if word ~= "" then
    self.word = word .. string.char(byte)
  elseif byte >= 0xe0 and (zeros >= START or self.position) then
    self.position = (zeros >= START and 0 or self.position) + 1
    self.word = string.char(byte)
  end
  self.zeros = byte == 0 and zeros + 1 or 0
  if self.word and #self.word == START then
    self:put(self.position, self.word)
    self.word = ""
  end
end

return apa102
