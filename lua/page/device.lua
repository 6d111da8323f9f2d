-- What the page sees and does in the script's Lua state. lua/runner/page.c calls these functions
-- between two events of the script.
--
--   look()                  returns the pins, the ADC and the prompt, as JSON text
--   set_pin(pin, level)     puts a level on a pin from outside, as a button does
--   set_adc(value)
--   input(line)             runs a line at the prompt
-- The last three return true.

local adc = require "netmcu.device.adc"
local gpio = require "netmcu.device.gpio"
local sjson = require "netmcu.device.sjson".api

local PINS = 13

local device = {}
local prompt -- once the page has used it

local function look_at_pins()
  local pins = {}
  for pin = 0, PINS - 1 do
    local mode, pull = gpio.control.mode(pin)
    pins[pin + 1] = {mode, pull, gpio.api.read(pin)}
  end
  return pins
end

function device.look()
  return sjson.encode {
    pins = look_at_pins(),
    adc = adc.api.read(0),
    prompt = prompt and prompt.text() or "> ",
  }
end

function device.set_pin(pin, level)
  gpio.control.set(pin, level)
  return true
end

function device.set_adc(value)
  adc.control.set(value)
  return true
end

function device.input(line)
  prompt = require "netmcu.device.prompt"
  prompt.show_elsewhere()
  prompt.input(line .. "\n")
  return true
end

return device
