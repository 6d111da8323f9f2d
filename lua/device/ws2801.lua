-- ws2801: strips of LEDs. The module counts pins as the chip does: GPIO 0, 2, 4 and 5 are the pins
-- 3, 4, 2 and 1.

local argument = require "netmcu.device.argument"
local parts = require "netmcu.parts.init"
local pins = require "netmcu.parts.pins"

local ws2801 = {}

local PINS = {[0] = 3, [2] = 4, [4] = 2, [5] = 1}
local data_pin -- nil before init

-- As on the device, other pins are accepted and lead nowhere.
function ws2801.init(clock, data)
  if not tonumber(clock) or not tonumber(data) then
    clock, data = 0, 2
  end
  local clock_pin = PINS[argument.integer(clock)]
  data_pin = clock_pin and PINS[argument.integer(data)]
  if data_pin then
    pins.use("WS2801", clock_pin, data_pin)
  end
end

function ws2801.write(data)
  data = argument.text(data, 1, "write")
  local strip = data_pin and parts.find("ws2801", {pin = data_pin})
  if strip then
    strip:write(data)
  end
end

return {api = ws2801}
