-- dht: reads a DHT sensor on a pin.

local argument = require "netmcu.device.argument"
local parts = require "netmcu.parts.init"
local pins = require "netmcu.parts.pins"

local dht = {OK = 0, ERROR_CHECKSUM = -1, ERROR_TIMEOUT = -2}

local INVALID = -999

-- Returns the status and the five bytes of the sensor at the pin; a default of this kind, if nobody
-- has plugged one in. As on the device, no sensor answers on pin 0.
local function read_bytes(pin, kind, caller)
  pin = argument.integer(pin, 1, caller)
  if pin < 0 or pin > 12 then
    argument.raise(string.format("dht %d does not exist", pin))
  end
  pins.use("DHT", pin)
  local part = pin > 0 and parts.on_pin(pin, kind)
  local bytes = part and part.bytes and part:bytes()
  if not bytes then
    return dht.ERROR_TIMEOUT
  end
  local sum = 0
  for i = 1, 4 do
    sum = sum + string.byte(bytes, i)
  end
  return sum & 255 == string.byte(bytes, 5) and dht.OK or dht.ERROR_CHECKSUM, bytes
end

-- Returns the thousandths of a value, which firmware without floating point needs.
local function decimals(value)
  local thousandths = math.floor(math.abs(value) * 1000 + 0.5) % 1000
  return value < 0 and -thousandths or thousandths
end

local function answer(status, temp, humidity)
  if status == dht.ERROR_TIMEOUT then
    temp, humidity = INVALID, INVALID
  end
  return status, temp, humidity, decimals(temp), decimals(humidity)
end

-- A DHT11 sends only integers. A DHT12 adds a byte of tenths, whose highest bit is the sign.
local function whole(bytes)
  return string.byte(bytes, 3), string.byte(bytes, 1)
end

local function with_tenths(bytes)
  local humidity, humidity_tenths, temp, temp_tenths = string.byte(bytes, 1, 4)
  temp = temp + (temp_tenths & 0x7f) / 10
  return temp_tenths & 0x80 ~= 0 and -temp or temp, humidity + humidity_tenths / 10
end

-- The others send tenths of two bytes with a sign.
local function tenths(bytes)
  local humidity, temp = string.unpack(">I2I2", bytes)
  return (temp & 0x8000 ~= 0 and -(temp & 0x7fff) or temp) / 10, humidity / 10
end

-- A DHT11 sends zeros where the others have the low bytes.
local function universal(bytes)
  return (string.byte(bytes, 2) == 0 and string.byte(bytes, 4) == 0 and whole or tenths)(bytes)
end

local function reader(name, kind, convert)
  dht[name] = function(pin)
    local status, bytes = read_bytes(pin, kind, name)
    if not bytes then
      return answer(status)
    end
    return answer(status, convert(bytes))
  end
end

reader("read", "dht22", universal)
reader("read11", "dht11", whole)
reader("read12", "dht11", with_tenths)
reader("readxx", "dht22", tenths)

return {api = dht}
