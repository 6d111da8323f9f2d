-- ws2812: strips of LEDs on pin 4, and in dual mode also on pin 10. With the functions of older
-- firmware, they may be on any pin.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local parts = require "netmcu.parts.init"
local pins = require "netmcu.parts.pins"
local pixbuf = require "netmcu.device.pixbuf"

local ws2812 = {
  MODE_SINGLE = 0, MODE_DUAL = 1, newBuffer = pixbuf.api.newBuffer, FADE_IN = pixbuf.api.FADE_IN,
  FADE_OUT = pixbuf.api.FADE_OUT, SHIFT_LOGICAL = pixbuf.api.SHIFT_LOGICAL, SHIFT_CIRCULAR = pixbuf.api.SHIFT_CIRCULAR,
}

local PINS = {4, 10}
local strips = 0 -- how many have been initialised; the others see no data

function ws2812.init(mode)
  mode = mode == nil and ws2812.MODE_SINGLE or argument.integer(mode, 1, "init")
  local is_mode = mode == ws2812.MODE_SINGLE or mode == ws2812.MODE_DUAL
  argument.check(is_mode, 1, "init", "ws2812.SINGLE or ws2812.DUAL expected")
  strips = mode + 1
  pins.use("WS2812", table.unpack(PINS, 1, strips))
end

-- Returns the bytes of a string or buffer, and for a buffer also the size of an LED; nil for nil.
local function bytes_of(data, position)
  if pixbuf.is_buffer(data) then
    return data:dump(), data.depth
  end
  argument.check(data == nil or type(data) == "string", position, "write", "ws2812.buffer or string expected")
  return data
end

local function send(i, bytes, depth)
  local strip = bytes and i <= strips and parts.find("ws2812", {pin = PINS[i]})
  if strip then
    strip:write(bytes, depth)
  end
end

-- --- older firmware: the pin is an argument, and there is no init ---

local function send_to_pin(pin, data, caller)
  pin = argument.integer(pin, 1, caller) & 255
  data = argument.text(data, 2, caller)
  device.module "gpio".read(pin) -- raises an error if there is no such pin
  pins.use("WS2812", pin)
  local strip = parts.find("ws2812", {pin = pin})
  if strip then
    strip:write(caller == "writergb" and string.gsub(data, "(.)(.)(.)", "%2%1%3") or data)
  end
end

function ws2812.writergb(pin, data)
  send_to_pin(pin, data, "writergb")
end

-- --- the current firmware, except for write(pin, data) ---

function ws2812.write(first, second)
  if type(first) == "number" then
    return send_to_pin(first, second, "write")
  end
  local bytes, depth = bytes_of(first, 1)
  local bytes2, depth2 = bytes_of(second, 2)
  send(1, bytes, depth)
  send(2, bytes2, depth2)
end

return {api = ws2812}
