-- tm1829: strips of LEDs on any pin.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local parts = require "netmcu.parts.init"
local pins = require "netmcu.parts.pins"
local pixbuf = require "netmcu.device.pixbuf"

local tm1829 = {}

function tm1829.write(pin, data)
  pin = argument.integer(pin, 1, "write") & 255
  if pixbuf.is_buffer(data) then
    argument.check(data.depth == 3, 2, "write", "Bad pixbuf")
    data = data:dump()
  end
  data = argument.text(data, 2, "write")
  device.module "gpio".read(pin) -- raises an error if there is no such pin
  pins.use("TM1829", pin)
  local strip = parts.find("tm1829", {pin = pin})
  if strip then
    strip:write(data)
  end
end

return {api = tm1829}
