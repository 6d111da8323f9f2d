-- ssd1306_spi: like the part "ssd1306", on SPI with four wires: the level of the pin `dc` says
-- whether a byte is a command or data (Solomon Systech, SSD1306 data sheet, section 8.1.3).

local Ssd1306 = require "netmcu.parts.ssd1306"
local pins = require "netmcu.parts.pins"

local SsdSpi = {kind = "ssd1306_spi", bus = "spi", pin = 8, addresses = {},
  keys = "dc width height controller"}
SsdSpi.__index = SsdSpi
setmetatable(SsdSpi, {__index = Ssd1306})

local DC = 4 -- the pin that the firmware's examples use

function SsdSpi:start()
  local dc = self.settings.dc or DC
  if math.type(dc) ~= "integer" or not pins.exists(dc) then
    error("part ssd1306_spi: dc: a pin from 0 to 12 expected", 0)
  end
  self.dc = dc
  Ssd1306.start(self)
end

function SsdSpi:exchange(byte)
  self:take(pins.levels[self.dc] == 1, byte)
  return 0xff
end

return require "netmcu.parts.spi".part(SsdSpi)
