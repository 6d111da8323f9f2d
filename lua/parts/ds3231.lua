-- DS3231: a clock with a thermometer (Maxim, DS3231 data sheet 19-5170, figure 1). The clock shows
-- the machine's time in UTC until a script sets it, as if it had never stopped. Alarms are stored,
-- but do not go off.

local host = require "netmcu.host"
local part = require "netmcu.parts.part"

local ds3231 = part.class {
  kind = "ds3231", bus = "i2c", addresses = {0x68}, registers = 0x13,
  values = {part.temp(-40, 85)},
}

local HOURS, LAST_OF_TIME, CONTROL, STATUS, TEMP = 2, 6, 0x0e, 0x0f, 0x11
local IS_12, IS_PM = 0x40, 0x20
local CONVERT = 0x20 -- starts a measurement of the temperature, and is cleared at its end
local FLAGS, HAS_32KHZ = 0x83, 0x08 -- a script can only clear the flags of the status

function ds3231:start()
  self.bytes = {[CONTROL] = 0x1c, [STATUS] = 0x08} -- the others are 0
  self.offset, self.is_12 = 0, false -- s, by which the script's clock is ahead of the machine's
end

local function to_bcd(number)
  return number // 10 << 4 | number % 10
end

local function from_bcd(byte)
  return (byte >> 4) * 10 + (byte & 15)
end

local function bcd_hours(hours, is_12)
  if not is_12 then
    return to_bcd(hours)
  end
  return IS_12 | (hours >= 12 and IS_PM or 0) | to_bcd((hours + 11) % 12 + 1)
end

local function from_bcd_hours(byte)
  if byte & IS_12 == 0 then
    return from_bcd(byte & 0x3f)
  end
  return from_bcd(byte & 0x1f) % 12 + (byte & IS_PM ~= 0 and 12 or 0)
end

-- The days since 1970 of a date of the Gregorian calendar, whose years begin in March here.
local function days_of(year, month, day)
  local years = month <= 2 and year - 1 or year
  local day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
  return years * 365 + years // 4 - years // 100 + years // 400 + day_of_year - 719468
end

-- Returns the seven registers of the time. The week begins on Sunday unless the script sets it.
local function time(self)
  local seconds = host.clock() // 1000000 + self.offset
  local date = os.date("!*t", seconds)
  local weekday = (seconds // 86400 + (self.weekday or 4)) % 7 + 1
  return {[0] = to_bcd(date.sec), to_bcd(date.min), bcd_hours(date.hour, self.is_12), weekday, to_bcd(date.day),
    to_bcd(date.month) | (date.year >= 2100 and 0x80 or 0), to_bcd(date.year % 100)}
end

local function set_time(self, registers)
  local year = 2000 + from_bcd(registers[6]) + (registers[5] & 0x80 ~= 0 and 100 or 0)
  local days = days_of(year, from_bcd(registers[5] & 0x1f), from_bcd(registers[4]))
  local minutes = (days * 24 + from_bcd_hours(registers[HOURS])) * 60 + from_bcd(registers[1])
  local seconds = minutes * 60 + from_bcd(registers[0])
  self.is_12 = registers[HOURS] & IS_12 ~= 0
  self.offset = seconds - host.clock() // 1000000
  self.weekday = (registers[3] - 1 - days) % 7
end

-- Reads and writes of the time go to a copy that is taken when a transfer first touches it.
local function shadow(self)
  self.shadow = self.shadow or time(self)
  return self.shadow
end

function ds3231:get(register)
  if register <= LAST_OF_TIME then
    return shadow(self)[register]
  elseif register >= TEMP then
    local quarters = math.floor(self:value "temp" * 4)
    return register == TEMP and quarters >> 2 & 0xff or (quarters & 3) << 6
  end
  return self.bytes[register] or 0
end

function ds3231:put(register, byte)
  if register <= LAST_OF_TIME then
    shadow(self)[register] = byte
    self.is_set = true
  elseif register == CONTROL then
    self.bytes[CONTROL] = byte & ~CONVERT
  elseif register == STATUS then
    self.bytes[STATUS] = self.bytes[STATUS] & byte & FLAGS | byte & HAS_32KHZ
  elseif register < TEMP then
    self.bytes[register] = byte
  end
end

function ds3231:finish()
  if self.is_set then
    set_time(self, self.shadow)
    self.is_set = false
  end
end

return require "netmcu.parts.registers"(ds3231)
