-- adc: the analog input. It is at rest until a test sets it with netmcu.adc.set(v).

local argument = require "netmcu.device.argument"

local adc = {INIT_ADC = 0, INIT_VDD33 = 255}
local value, supply, mode = 0, 3300, adc.INIT_ADC

-- 0 … 1024. If the pin is set to measure the supply voltage, the device reads 65535.
function adc.read(id)
  id = argument.integer(id, 1, "read")
  if id ~= 0 then
    argument.raise(string.format("adc %d does not exist", id))
  end
  return mode == adc.INIT_VDD33 and 65535 or value
end

-- In mV. As on the device, 65535 unless the pin is set to measure the supply voltage.
function adc.readvdd33()
  return mode == adc.INIT_VDD33 and supply or 65535
end

-- Returns whether the mode has changed. The change takes effect at once; on the device, after a
-- restart.
function adc.force_init_mode(new)
  new = argument.integer(new, 1, "force_init_mode") & 255
  local changed = mode ~= new
  mode = new
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
