-- apa102: strips of LEDs with a data and a clock pin.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local parts = require "netmcu.parts.init"
local pins = require "netmcu.parts.pins"
local pixbuf = require "netmcu.device.pixbuf"

local apa102 = {}

local MOST_LEDS = 100000

local function check_pin(pin, position)
  pin = argument.integer(pin, position, "write") & 255
  device.module "gpio".read(pin) -- raises an error if there is no such pin
  return pin
end

local function bytes_of(data)
  if pixbuf.is_buffer(data) then
    argument.check(data.depth == 4, 3, "write", "Pixbuf not 4-channel")
    return data:dump()
  end
  return argument.text(data, 3, "write")
end

function apa102.write(data_pin, clock_pin, data)
  data_pin = check_pin(data_pin, 1)
  clock_pin = check_pin(clock_pin, 2)
  local bytes = bytes_of(data)
  if #bytes // 4 > MOST_LEDS then
    argument.raise "The supplied buffer is too long, and might cause the callback watchdog to bark."
  end
  pins.use("APA102", data_pin, clock_pin)
  local strip = parts.find("apa102", {pin = data_pin})
  if strip then
    strip:write(string.sub(bytes, 1, #bytes // 4 * 4))
  end
end

return {api = apa102}
