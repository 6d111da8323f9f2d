-- TSL2561: light (TAOS, TSL2560/TSL2561 data sheet, "Register set"). Its two channels measure all
-- light and infrared light. For the part, a quarter of all light is infrared.

local part = require "netmcu.parts.part"

local CONTROL, TIMING = 0x0, 0x1
-- By the integration time: the share of the longest one, and the highest count.
local times = {[0] = {11 / 322, 5047}, {81 / 322, 37177}, {1, 65535}, {1, 65535}}

local tsl2561 = part.class {
  kind = "tsl2561", bus = "i2c", addresses = {0x39, 0x29, 0x49},
  registers = 16, -- the other bits are those of a command
  constants = {[0xa] = "\x50"}, initial = {[TIMING] = 2}, data = 0xc,
  values = {{name = "light", unit = "lx", default = 200, least = 0, most = 40000}},
}

-- The count at the longest time and the gain of 16 for 1 lx, with the formula of the T package for
-- light with this ratio: lux = 0.0325 * (all light) - 0.0440 * (infrared light).
local RATIO = 0.25
local COUNT = 1 / (0.0325 - 0.0440 * RATIO)

function tsl2561:measure()
  if self.written[CONTROL] ~= 3 then
    return "\0\0\0\0"
  end
  local timing = self.written[TIMING]
  local share, most = table.unpack(times[timing & 3])
  local count = self:value "light" * COUNT * share / (timing & 0x10 ~= 0 and 1 or 16)
  local function limit(number)
    return math.min(most, math.floor(number + 0.5))
  end
  return string.pack("<I2I2", limit(count), limit(count * RATIO))
end

return require "netmcu.parts.registers"(tsl2561)
