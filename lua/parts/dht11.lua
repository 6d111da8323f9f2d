-- DHT11: temperature and humidity (Aosong, DHT11 data sheet). It measures integers; the second and
-- the fourth byte are 0.

local dht = require "netmcu.parts.dht"

local dht11 = require "netmcu.parts.part".class {
  kind = "dht11", bus = "pin", failures = "silent checksum range",
  values = {
    {name = "temp", unit = "°C", default = 20, least = 0, most = 50},
    {name = "humidity", unit = "%", default = 50, least = 20, most = 90},
  },
}

local function whole(value)
  return math.floor(value + 0.5)
end

function dht11:frame()
  return string.pack(">BBBB", whole(self:value "humidity"), 0, whole(self:value "temp"), 0)
end

return dht.sensor(dht11)
