-- BME680: temperature, pressure, humidity and the resistance of a gas sensor. The device's module
-- reads the values of the part directly. On the bus, the part only reports its identity.

local part = require "netmcu.parts.part"

local bme680 = part.class {
  kind = "bme680", bus = "i2c", addresses = {0x76, 0x77},
  values = {
    {name = "temp", unit = "°C", default = 20, least = -40, most = 85},
    {name = "humidity", unit = "%", default = 50, least = 0, most = 100},
    {name = "pressure", unit = "hPa", default = 1013.25, least = 300, most = 1100},
    {name = "gas", unit = "Ω", default = 50000, least = 0, most = 12000000},
  },
}

function bme680.get(_, register)
  return register == 0xd0 and 0x61 or 0
end

function bme680.put()
end

return require "netmcu.parts.registers"(bme680)
