-- adc: the analog input, at rest until a test sets it: netmcu.adc.set(v).

local adc = {INIT_ADC = 0, INIT_VDD33 = 255}
local value, supply, mode = 0, 3300, adc.INIT_ADC

-- 0 … 1024. With the pin given to the supply voltage the device reads 65535.
function adc.read()
  return mode == adc.INIT_VDD33 and 65535 or value
end

-- In mV; 65535 unless the pin was given to it, as on the device.
function adc.readvdd33()
  return mode == adc.INIT_VDD33 and supply or 65535
end

-- True when the mode was changed, which takes effect after a restart on the device and at once here.
function adc.force_init_mode(new)
  if new ~= adc.INIT_ADC and new ~= adc.INIT_VDD33 then
    error("bad argument #1 to 'force_init_mode' (invalid mode)", 2)
  end
  local changed = mode ~= new
  mode = new
  return changed
end

local control = {}

-- What adc.read gives, and, if given, the supply in mV.
function control.set(reading, millivolts)
  if type(reading) ~= "number" then
    error("bad argument #1 to 'set' (number expected, got " .. type(reading) .. ")", 2)
  end
  value = math.max(0, math.min(1024, math.floor(reading)))
  supply = millivolts or supply
end

return {api = adc, control = control}
