-- ads1115 as in older firmware: the module has one device, and no objects.

local expect = require "expect"

for _, name in ipairs {"read", "startread", "setting"} do
  expect.raises("found no device", ads1115[name])
end
expect.raises("wrong arg range", ads1115.setup)
ads1115.setup(ads1115.ADDR_GND)
ads1115.setting(ads1115.GAIN_4_096V, ads1115.DR_860SPS, ads1115.SINGLE_0, ads1115.SINGLE_SHOT)
ads1115.startread(expect(function(millivolts)
  assert(math.abs(millivolts - 1000) < 0.2 and ads1115.read() == millivolts) -- a default has 1 V
end))
