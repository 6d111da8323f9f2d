-- The alarms of a DS3231 set their flags when its clock reaches them, and let its pin INT fall if
-- the script has enabled them.

if not require "simulated" () then return end

local netmcu = require "netmcu"
local expect = require "expect"
local i2c_bus = require "i2c_bus"

local ADDRESS, INT = 0x68, 5
local CONTROL, STATUS, FIRST, SECOND = 0x0e, 0x0f, 0x07, 0x0b
i2c.setup(0, 2, 1, i2c.SLOW)

local part = netmcu.part("ds3231", {int = INT})
gpio.mode(INT, gpio.INT, gpio.PULLUP)

local function write(register, ...)
  i2c_bus.write(ADDRESS, register, ...)
end

local function status()
  return i2c_bus.registers(ADDRESS, STATUS, 1):byte()
end

-- Sets an alarm and the time, and waits until INT falls. Returns the seconds that this takes.
local function seconds_to(alarm, registers, time)
  local flag = alarm == FIRST and 1 or 2
  write(CONTROL, 0x04 | flag)
  write(alarm, table.unpack(registers))
  write(0, table.unpack(time))
  write(STATUS, 0x08)
  assert(gpio.read(INT) == 1)
  local fallen
  gpio.trig(INT, "down", expect(function() fallen = tmr.time() end))
  local start = tmr.time()
  netmcu.wait(function() return fallen end, 4e9)
  gpio.trig(INT)
  assert(gpio.read(INT) == 0 and status() & flag ~= 0)
  write(STATUS, 0x08)
  assert(gpio.read(INT) == 1 and status() == 0x08)
  return fallen - start
end

-- The time is Tuesday, 31 December 2024, 11:59:58; day 3 of the week that begins on Sunday.
local TIME = {0x58, 0x59, 0x11, 0x03, 0x31, 0x12, 0x24}
local DAY = 86400
for _, case in ipairs {
  {FIRST, {0x80, 0x80, 0x80, 0x80}, 1, "each second"},
  {FIRST, {0x05, 0x80, 0x80, 0x80}, 7, "at a second"},
  {FIRST, {0x05, 0x01, 0x80, 0x80}, 67, "at a minute"},
  {FIRST, {0x05, 0x59, 0x72, 0x80}, 3547, "at 12:59:05 PM"},
  {FIRST, {0x58, 0x59, 0x11, 0x80}, DAY, "at a time of the day that is now"},
  {FIRST, {0x58, 0x59, 0x11, 0x01}, DAY, "on the first"},
  {FIRST, {0x00, 0x00, 0x12, 0x45}, 2 * DAY + 2, "on day 5 of the week"},
  {SECOND, {0x80, 0x80, 0x80}, 2, "each minute"},
  {SECOND, {0x00, 0x13, 0x80}, 3602, "at an hour"},
  {SECOND, {0x30, 0x11, 0x30}, 30 * DAY - 1798, "on the 30th"},
} do
  local alarm, registers, wanted, name = table.unpack(case)
  local seconds = seconds_to(alarm, registers, TIME)
  assert(math.abs(seconds - wanted) <= 1, name .. ": " .. seconds .. " s, not " .. wanted)
end

-- An alarm that is not enabled sets its flag only. Writing 1 does not set a flag.
write(CONTROL, 0x04)
write(FIRST, 0x80, 0x80, 0x80, 0x80)
write(STATUS, 0x0b)
assert(status() & 3 == 0)
local passed = false
tmr.create():alarm(2100, tmr.ALARM_SINGLE, function() passed = true end)
netmcu.wait(function() return passed end)
assert(status() & 3 == 1 and gpio.read(INT) == 1)
write(CONTROL, 0x01) -- without INTCN, the pin has no alarms
assert(gpio.read(INT) == 1)
write(CONTROL, 0x05)
assert(gpio.read(INT) == 0)

part:unplug() -- does not keep the test running
expect.finish()
