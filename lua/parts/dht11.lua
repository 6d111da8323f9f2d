-- DHT11: temperature and humidity (Aosong, DHT11 data sheet; the start signal is also that of the
-- driver dht11 of Linux). It measures integers; the second and the fourth byte are 0.

local Part = require "netmcu.parts.part"
local dht = require "netmcu.parts.dht"

local dht11 = Part.class {
  kind = "dht11", bus = "pin", start_signal = 18000, failures = "silent checksum range",
  values = {Part.temp(0, 50), Part.humidity(20, 90)},
}

local function whole(value)
  return math.floor(value + 0.5)
end

function dht11:frame()
  return string.pack(">BBBB", whole(self:value "humidity"), 0, whole(self:value "temp"), 0)
end

return dht.sensor(dht11)
