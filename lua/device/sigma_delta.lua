-- sigma_delta: one generator, for all pins that are set up. netmcu.gpio.signal returns what is on a
-- pin.

local argument = require "netmcu.device.argument"
local pins = require "netmcu.parts.pins"

local sigma_delta = {}

local INPUT, OUTPUT, FLOAT, PULLUP = 0, 1, 0, 1
local prescale, target = 0, 0

-- The clock of 80 MHz is divided by the prescaler; the output repeats after 256 of its steps.
local function put_on(pin, signal)
  signal.frequency, signal.duty = 80000000 / 256 / (prescale + 1), target / 256
  pins.set_signal(pin, signal)
end

local function set(new_prescale, new_target)
  prescale, target = new_prescale, new_target
  for pin = 1, 12 do
    local signal = pins.signal(pin, "sigma_delta")
    if signal then
      put_on(pin, signal)
    end
  end
end

local function check_pin(pin, caller)
  pin = argument.integer(pin, 1, caller)
  if pin == 0 or not pins.exists(pin) then
    argument.raise(string.format("sigma_delta %d does not exist", pin))
  end
  return pin
end

local function byte(value, caller)
  value = argument.integer(value, 1, caller)
  if value < 0 or value > 255 then
    argument.raise "wrong arg range"
  end
  return value
end

function sigma_delta.setup(pin)
  pin = check_pin(pin, "setup")
  pins.set_mode(pin, OUTPUT, FLOAT)
  put_on(pin, {module = "sigma_delta"})
end

function sigma_delta.close(pin)
  pin = check_pin(pin, "close")
  set(0, 0)
  pins.set_mode(pin, INPUT, PULLUP)
end

-- Chooses the prescaler with which the frequency is highest at this duty.
function sigma_delta.setpwmduty(duty)
  duty = byte(duty, "setpwmduty")
  local shorter = duty > 128 and 256 - duty or duty
  set(math.max(shorter - 1, 0), duty)
end

function sigma_delta.setprescale(value)
  set(byte(value, "setprescale"), target)
end

function sigma_delta.settarget(value)
  set(prescale, byte(value, "settarget"))
end

return {api = sigma_delta}
