-- DS3231: a clock with a thermometer (Maxim, DS3231 data sheet 19-5170, figure 1). The clock shows
-- the machine's time in UTC until a script sets it, as if it had never stopped. Its alarms set their
-- flags, and the pin INT; there is no square wave.

local host = require "netmcu.host"
local part = require "netmcu.parts.part"

local ds3231 = part.class {
  kind = "ds3231", bus = "i2c", addresses = {0x68}, registers = 0x13, wires = "int",
  values = {part.temp(-40, 85)},
}

local HOURS, LAST_OF_TIME, CONTROL, STATUS, TEMP = 2, 6, 0x0e, 0x0f, 0x11
local IS_12, IS_PM = 0x40, 0x20
local CONVERT = 0x20 -- starts a measurement of the temperature, and is cleared at its end
local FLAGS, HAS_32KHZ = 0x83, 0x08 -- a script can only clear the flags of the status
local INTERRUPTS = 0x04 -- the pin INT shows the alarms that the two lowest bits of CONTROL enable

function ds3231:start()
  self.bytes = {[CONTROL] = 0x1c, [STATUS] = 0x08} -- the others are 0
  self.offset, self.is_12 = 0, false -- s, by which the script's clock is ahead of the machine's
  self.due = {}
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

local function now(self)
  return host.clock() // 1000000 + self.offset
end

-- Returns the day of the week, 1 to 7. The week begins on Sunday unless the script sets it.
local function weekday_of(self, seconds)
  return (seconds // 86400 + (self.weekday or 4)) % 7 + 1
end

-- Returns the seven registers of the time.
local function time(self)
  local seconds = now(self)
  local date, weekday = os.date("!*t", seconds), weekday_of(self, seconds)
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

-- --- alarms ---

local MASK, IS_WEEKDAY = 0x80, 0x40 -- in a register of an alarm: it is ignored; it is a day of the week
local MINUTE, HOUR, DAY = 60, 3600, 86400 -- s
local LONGEST_WAIT = 3600000 -- ms

-- Returns the registers of an alarm: seconds, minutes, hours, day. The second one has no seconds.
local function alarm_registers(self, alarm)
  local first, registers = alarm == 1 and 0x07 or 0x0a, {}
  for i = 1, 4 do
    registers[i] = self.bytes[first + i - 1] or 0
  end
  registers[1] = alarm == 1 and registers[1] or 0
  return table.unpack(registers)
end

local function is_on_day(self, seconds, register)
  if register & MASK ~= 0 then
    return true
  elseif register & IS_WEEKDAY ~= 0 then
    return weekday_of(self, seconds) == register & 15
  end
  return tonumber(os.date("!%d", seconds)) == from_bcd(register & 0x3f)
end

-- Returns when an alarm next goes off, as the script's clock shows it; nil for a day that does not
-- come. The masks say whether it does so each second, minute, hour or day (table 2).
local function next_alarm(self, alarm)
  local second, minute, hour, day = alarm_registers(self, alarm)
  local step, offset = 1, 0
  if second & MASK == 0 then
    step, offset = MINUTE, from_bcd(second)
    if minute & MASK == 0 then
      step, offset = HOUR, offset + from_bcd(minute) * MINUTE
      if hour & MASK == 0 then
        step, offset = DAY, offset + from_bcd_hours(hour) * HOUR
      end
    end
  end
  local due = now(self) + 1
  due = due + (offset - due) % step
  for _ = 1, 62 do -- the 31st is at most two months away
    if step < DAY or is_on_day(self, due, day) then
      return due
    end
    due = due + step
  end
end

-- The alarms that have gone off set their flags; the pin INT is low while the script has enabled one
-- of them.
local function check_alarms(self)
  local bytes, due = self.bytes, self.due
  for alarm = 1, 2 do
    if due[alarm] and now(self) >= due[alarm] then
      bytes[STATUS], due[alarm] = bytes[STATUS] | alarm, next_alarm(self, alarm)
    end
  end
  local shown = bytes[CONTROL] & INTERRUPTS ~= 0 and bytes[CONTROL] & 3 or 0
  self:drive("int", bytes[STATUS] & shown ~= 0 and 0 or 1)
  return shown & ~bytes[STATUS]
end

-- Returns the ms until the next alarm that changes INT; nil if none does.
local function time_to_alarm(self)
  local awaited, least = check_alarms(self), nil
  for alarm = 1, 2 do
    local due = awaited & alarm ~= 0 and self.due[alarm]
    local left = due and (due - self.offset) * 1000 - host.clock() // 1000 + 1
    least = left and math.min(left, least or left) or least
  end
  return least
end

-- Without INT, it is enough to look at the alarms when the script reads the status.
local function watch_alarms(self)
  local left = time_to_alarm(self)
  if self.settings.int then
    self.timer = self.timer or require "tmr".create()
    self.timer:unregister()
    if left then
      self.timer:alarm(math.max(1, math.min(left, LONGEST_WAIT)), 0, function() watch_alarms(self) end)
    end
  end
end

function ds3231:plugged_in()
  watch_alarms(self)
end

function ds3231:unplugged()
  if self.timer then
    self.timer:unregister()
  end
end

-- --- registers ---

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
  elseif register == STATUS then
    check_alarms(self)
  end
  return self.bytes[register] or 0
end

function ds3231:put(register, byte)
  self.is_changed = true
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
  end
  if self.is_changed then
    self.due = {next_alarm(self, 1), next_alarm(self, 2)}
    watch_alarms(self)
  end
  self.is_set, self.is_changed = false, false
end

return require "netmcu.parts.registers"(ds3231)
