-- adc: the analog input. It is at rest until a test sets it with netmcu.adc.set(v). A program that
-- restarts scripts keeps host.adc_mode, the mode, from state to state, as the flash does.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"

local adc = {INIT_ADC = 0, INIT_VDD33 = 255}
local value, supply = 0, 3300

local function measures_supply()
  return host.adc_mode == adc.INIT_VDD33
end

-- 0 … 1024. If the pin is set to measure the supply voltage, the device reads 65535.
function adc.read(id)
  id = argument.integer(id, 1, "read")
  if id ~= 0 then
    argument.raise(string.format("adc %d does not exist", id))
  end
  return measures_supply() and 65535 or value
end

-- In mV. As on the device, 65535 unless the pin is set to measure the supply voltage.
function adc.readvdd33()
  return measures_supply() and supply or 65535
end

-- Returns whether the mode has changed. The change takes effect at once; on the device, after a
-- restart.
function adc.force_init_mode(new)
  new = argument.integer(new, 1, "force_init_mode") & 255
  local changed = (host.adc_mode or adc.INIT_ADC) ~= new
  host.adc_mode = new
  return changed
end

local control = {}

-- Sets what adc.read returns and, if given, the supply in mV.
function control.set(reading, millivolts)
  argument.typed(reading, 1, "set", "number")
  value = math.max(0, math.min(1024, math.floor(reading)))
  supply = millivolts or supply
end

return {api = adc, control = control}
