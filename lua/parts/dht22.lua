-- DHT22 (AM2302), and DHT21, DHT33 and DHT44, which send the same: temperature and humidity
-- (Aosong, AM2302 data sheet). Each has two bytes of tenths, the temperature with a sign bit.

local Part = require "netmcu.parts.part"
local dht = require "netmcu.parts.dht"

local dht22 = Part.class {
  kind = "dht22", bus = "pin", failures = "silent checksum range",
  values = {Part.temp(-40, 80), Part.humidity()},
}

function dht22:frame()
  local temp = dht.tenths(self:value "temp")
  return string.pack(">I2I2", dht.tenths(self:value "humidity"), temp < 0 and -temp | 0x8000 or temp)
end

return dht.sensor(dht22)
