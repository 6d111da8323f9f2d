-- MCP4725: a converter to a voltage (Microchip, DS22039D, chapters 6 and 7). part.dac is what it puts
-- out, from 0 to 4095, and part.power_down how it is switched off, or 0.

local host = require "netmcu.host"
local part = require "netmcu.parts.part"

local RESET, WAKE_UP = 6, 9 -- general calls
local EEPROM = 25000 -- µs, what a write takes typically

local mcp4725 = part.class {
  kind = "mcp4725", bus = "i2c", addresses = {0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67}, failures = "silent",
}

function mcp4725:start()
  self.dac, self.power_down = 2048, 0
  self.stored, self.stored_power_down = 2048, 0
  self.command, self.ready = "", host.now()
end

local function apply(self)
  local first, second, third = string.byte(self.command, 1, 3)
  if first >> 6 == 0 and second then -- the fast mode, of two bytes
    self.power_down, self.dac = first >> 4 & 3, (first & 15) << 8 | second
  elseif third then
    self.power_down, self.dac = first >> 1 & 3, second << 4 | third >> 4
    if first >> 5 == 3 then
      self.stored, self.stored_power_down = self.dac, self.power_down
      self.ready = host.now() + EEPROM
    end
  end
end

function mcp4725:begin()
  self.command, self.position = "", 0
end

-- A transfer may contain several commands.
function mcp4725:receive(byte)
  self.command = self.command .. string.char(byte)
  local size = string.byte(self.command) >> 6 == 0 and 2 or 3
  if #self.command == size then
    apply(self)
    self.command = ""
  end
end

function mcp4725:send()
  self.position = self.position % 5 + 1
  local status = host.now() >= self.ready and 0xc0 or 0x40
  local bytes = string.pack(">BI2I2", status | self.power_down << 1, self.dac << 4,
    self.stored_power_down << 13 | self.stored)
  return string.byte(bytes, self.position)
end

function mcp4725:general_call(byte)
  if byte == RESET then
    self.dac, self.power_down = self.stored, self.stored_power_down
  elseif byte == WAKE_UP then
    self.power_down = 0
  end
end

return mcp4725
