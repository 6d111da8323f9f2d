-- XPT2046: a touch screen (Shenzhen Xptek, XPT2046 data sheet, "Digital interface"; its channels are
-- those of the ADS7846). The values are the position in steps of its converter, and whether it is
-- pressed.

local part = require "netmcu.parts.part"

local CONTROL = 0x80
local channels = {[1] = "y", [5] = "x"}

local xpt2046 = part.class {
  kind = "xpt2046", bus = "spi", pin = 8,
  values = {
    {name = "x", unit = "", default = 2048, least = 0, most = 4095},
    {name = "y", unit = "", default = 2048, least = 0, most = 4095},
    {name = "pressed", unit = "", default = 0, least = 0, most = 1},
  },
}

function xpt2046:selected()
  self.shift = 0
end

-- Returns what the converter measures for a control byte. Without a touch, its inputs are open.
local function sample(self, control)
  local name = channels[control >> 4 & 7]
  if not name or self:value "pressed" < 0.5 then
    return 4095
  end
  return math.floor(self:value(name) + 0.5) & 4095
end

-- The 12 bits of a measurement follow its control byte, after one clock. A control byte may come
-- with the last of them.
function xpt2046:exchange(value, bits)
  self.shift = self.shift or 0
  local answer = self.shift >> 16 - bits
  self.shift = self.shift << bits & 0xffff
  if bits == 8 and value & CONTROL ~= 0 then
    self.shift = sample(self, value) << 3
  end
  return answer
end

return require "netmcu.parts.spi".part(xpt2046)
