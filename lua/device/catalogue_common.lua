-- What the modules of the catalogue share. As in the firmware, the modules of sensors talk to their
-- parts over bus 0, so that raw calls of a script reach the same part.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local device = require "netmcu.device.init"
local pins = require "netmcu.parts.pins"

local common = {}

function common.delay(us)
  require "tmr".delay(us)
end

local LONGEST_ALARM = 6870947 -- ms

function common.after(ms, fn)
  require "tmr".create():alarm(math.max(1, math.min(ms, LONGEST_ALARM)), 0, fn)
end

-- Reads registers of a part. If no part answers, they read as ones.
function common.read(address, first, count)
  return bus.registers(0, address, first, count) or string.rep("\xff", count)
end

function common.round(number)
  return number < 0 and math.ceil(number - 0.5) or math.floor(number + 0.5)
end

-- Functions that take the pins of bus 0 also set it up, so that raw calls of a script work after them.
function common.set_up_bus(sda, scl)
  if sda == 0 or scl == 0 then
    argument.raise "no i2c for D0"
  end
  local i2c = device.module "i2c"
  i2c.setup(0, sda, scl, i2c.SLOW)
end

-- Returns the function init(sda, scl) of older modules, which have no setup().
function common.init(set_up)
  return function(sda, scl)
    argument.check(sda > 0 and scl > 0, 1, "init", "no i2c for D0")
    common.set_up_bus(sda, scl)
    set_up()
  end
end

function common.check_pin(pin)
  if not pins.exists(pin) then
    argument.raise(string.format("gpio %d does not exist", pin))
  end
end

return common
