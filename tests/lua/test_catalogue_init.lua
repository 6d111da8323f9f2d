-- The functions init of sensors take the pins of bus 0 and set it up: raw calls work without i2c.setup.

local bus = require "netmcu.device.init".module "i2c"
local expect = require "expect"

local modules = {adxl345, am2320, bme280, bmp085, hdc1080, hmc5883l, l3g4200d, tsl2561}

local function refuses_d0(init, sda, scl)
  local done, problem = pcall(init, sda, scl)
  assert(not done and problem:find("no i2c for D0", 1, true), problem)
end

expect.raises("i2c 0 is not configured", i2c.start, 0)
tsl2561.init(5, 6)
i2c.start(0)
assert(i2c.address(0, tsl2561.ADDRESS_FLOAT, i2c.TRANSMITTER))
i2c.stop(0)

local setup, calls = bus.setup, {}
bus.setup = function(...)
  calls[#calls + 1] = table.concat({...}, " ")
  return setup(...)
end
for count, module in ipairs(modules) do
  module.init(1, 2)
  assert(#calls == count and calls[count] == "0 1 2 " .. i2c.SLOW, calls[count])
  refuses_d0(module.init, 0, 1)
  refuses_d0(module.init, 1, 0)
end
bus.setup = setup

expect.finish()
