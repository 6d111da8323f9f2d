-- DHT22 (AM2302), and DHT21, DHT33 and DHT44, which send the same: temperature and humidity
-- (Aosong, AM2302 data sheet). Each has two bytes of tenths, the temperature with a sign bit.

local dht = require "netmcu.parts.dht"

local dht22 = require "netmcu.parts.part".class {
  kind = "dht22", bus = "pin", failures = "silent checksum range",
  values = {
    {name = "temp", unit = "°C", default = 20, least = -40, most = 80},
    {name = "humidity", unit = "%", default = 50, least = 0, most = 100},
  },
}

function dht22:frame()
  local temp = dht.tenths(self:value "temp")
  return string.pack(">I2I2", dht.tenths(self:value "humidity"), temp < 0 and -temp | 0x8000 or temp)
end

return dht.sensor(dht22)
