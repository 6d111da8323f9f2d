-- A DS3231 shows the machine's time in UTC until a script sets it, and keeps what the script sets.

local netmcu = require "netmcu"
local expect = require "expect"
local i2c_bus = require "i2c_bus"

local BUS, ADDRESS = 0, 0x68
i2c.setup(BUS, 2, 1, i2c.SLOW)

local function write(register, ...)
  return i2c_bus.write(ADDRESS, register, ...)
end

local function read(register, count)
  return i2c_bus.registers(ADDRESS, register, count)
end

local function bcd(byte)
  return byte // 16 * 10 + byte % 16
end

local part = netmcu.part("ds3231", {temp = -3.25})

local function seconds()
  local second, minute, hour, _, day, month, year = read(0, 7):byte(1, 7)
  return os.time {sec = bcd(second), min = bcd(minute), hour = bcd(hour), day = bcd(day), month = bcd(month % 128),
    year = 2000 + bcd(year), isdst = false}
end

local function now()
  local date = os.date "!*t"
  date.isdst = false
  return os.time(date)
end
assert(math.abs(seconds() - now()) <= 2)
local function weekday()
  return tonumber(os.date "!%w") + 1
end
local before, shown = weekday(), read(3, 1):byte()
assert(shown == before or shown == weekday())

-- A leap day, just before midnight; the week begins where the script says.
write(0, 0x58, 0x59, 0x23, 0x05, 0x28, 0x02, 0x24)
local second, minute, hour, day_of_week, day, month, year = read(0, 7):byte(1, 7)
assert(month == 2 and year == 0x24)
assert(second >= 0x58 and minute == 0x59 and hour == 0x23 and day_of_week == 5 and day == 0x28
  or day == 0x29 and day_of_week == 6) -- a slow machine
write(0, 0x00, 0x00, 0x00, 0x01, 0x29, 0x02, 0x24)
assert(read(4, 3) == "\x29\x02\x24")

-- 12 hours
write(0, 0x00, 0x30, 0x72) -- 12:30 PM
assert(read(1, 2) == "\x30\x72")
write(2, 0x52) -- 12 AM
assert(read(2, 1) == "\x52")
write(2, 0x00)
assert(read(2, 1) == "\x00")

-- The registers of alarms and the control register are memory; the temperature is not.
write(0x07, 0x11, 0x22, 0x33)
assert(read(0x07, 3) == "\x11\x22\x33")
assert(read(0x0e, 2) == "\x1c\x08") -- as after a reset, with a clock that has never stopped
write(0x0e, 0x25) -- also measures the temperature, which is complete at once
assert(read(0x0e, 1) == "\x05" and read(0x0f, 1) == "\x08")
write(0x0f, 0x83)
assert(read(0x0f, 1) == "\x00")
assert(string.unpack(">i2", read(0x11, 2)) / 256 == -3.25)
write(0x11, 0, 0)
assert(string.unpack(">i2", read(0x11, 2)) / 256 == -3.25)
part:set {failing = "range"}
assert(string.unpack(">i2", read(0x11, 2)) / 256 > 85)
part:set {failing = "silent"}
assert(not write(0))
part:unplug()
netmcu.options {strict = true}
assert(not write(0))

expect.finish()
