-- SI7021 (also HTU21D and SHT21): humidity and temperature (Silicon Labs, Si7021-A20 data sheet).
-- The commands are those of table 11, the formulas and the checksum those of section 5.1, the times
-- those of table 2.

local host = require "netmcu.host"
local part = require "netmcu.parts.part"

local si7021 = part.class {
  kind = "si7021", bus = "i2c", addresses = {0x40}, failures = "silent checksum range",
  values = {part.temp(-40, 125), part.humidity()},
}

local HUMIDITY_HOLD, HUMIDITY, TEMP_HOLD, TEMP, LAST_TEMP, RESET = 0xe5, 0xf5, 0xe3, 0xf3, 0xe0, 0xfe
local WRITE_USER, READ_USER, WRITE_HEATER, READ_HEATER = 0xe6, 0xe7, 0x51, 0x11
local SERIAL_A, SERIAL_B, REVISION = "\xfa\x0f", "\xfc\xc9", "\x84\xb8"

-- By the bits 7 and 0 of the user register: the bits of the humidity and of the temperature, and
-- the µs that their measurements typically take.
local resolutions = {
  [0x00] = {12, 14, 10000, 7000}, [0x01] = {8, 12, 2600, 2400},
  [0x80] = {10, 13, 3700, 4000}, [0x81] = {11, 11, 5800, 1500},
}

-- CRC-8 with the polynomial x^8 + x^5 + x^4 + 1.
function si7021.crc(bytes, crc)
  crc = crc or 0
  for i = 1, #bytes do
    crc = crc ~ string.byte(bytes, i)
    for _ = 1, 8 do
      crc = crc & 0x80 ~= 0 and (crc << 1 ~ 0x31) & 0xff or crc << 1
    end
  end
  return crc
end

function si7021:start()
  self.user, self.heater, self.command, self.answer, self.ready = 0x3a, 0, "", "", 0
  self.last_temp = string.pack(">I2", 0)
end

local function with_crc(self, bytes, crc)
  return bytes .. string.char(self:checksum(si7021.crc(bytes, crc)))
end

-- Returns the nearest code of so many bits. The two lowest bits of its 16 say what was measured: 0
-- for temperature, 2 for humidity.
local function code(number, bits, kind)
  local step = 1 << 16 - bits
  return string.pack(">I2", math.max(0, math.min(0x10000 - step, (number + step // 2) // step * step // 1)) | kind)
end

local function resolution(self)
  return table.unpack(resolutions[self.user & 0x81])
end

-- Returns the code, and the time of the measurement.
local function measure_temp(self)
  local _, bits, _, time = resolution(self)
  self.last_temp = code((self:value "temp" + 46.85) * 65536 / 175.72, bits, 0)
  return self.last_temp, time
end

-- A measurement of the humidity also measures the temperature.
local function measure_humidity(self)
  local bits, _, time = resolution(self)
  local _, temp_time = measure_temp(self)
  return code((self:value "humidity" + 6) * 65536 / 125, bits, 2), time + temp_time
end

-- The serial number, whose byte 0x15 names the kind of chip. The first half has a checksum after
-- each byte, the second half after each two; each checksum covers all bytes before it.
local function serial(self, bytes, step)
  local answer = ""
  for i = step, #bytes, step do
    local sum = self:checksum(si7021.crc(string.sub(bytes, 1, i)))
    answer = answer .. string.sub(bytes, i - step + 1, i) .. string.char(sum)
  end
  return answer
end

-- Returns an action that measures. Without `answers_later`, the part holds the clock meanwhile.
local function measuring(measure, answers_later)
  return function(self)
    local bytes, time = measure(self)
    self.answer, self.ready = with_crc(self, bytes), answers_later and host.now() + time or 0
  end
end

local actions = {
  [HUMIDITY_HOLD] = measuring(measure_humidity), [HUMIDITY] = measuring(measure_humidity, true),
  [TEMP_HOLD] = measuring(measure_temp), [TEMP] = measuring(measure_temp, true),
  [LAST_TEMP] = function(self) self.answer = self.last_temp end,
  [RESET] = function(self) self:start() end,
  [READ_USER] = function(self) self.answer = string.char(self.user) end,
  [READ_HEATER] = function(self) self.answer = string.char(self.heater) end,
}
local long_actions = {
  [SERIAL_A] = function(self) self.answer = serial(self, "\x12\x34\x56\x78", 1) end,
  [SERIAL_B] = function(self) self.answer = serial(self, "\x15\xff\xff\xff", 2) end,
  [REVISION] = function(self) self.answer = "\x20" end,
}

-- While it measures, the part does not acknowledge its address.
function si7021:begin(is_read)
  if not is_read then
    self.command = ""
  end
  return host.now() >= self.ready
end

function si7021:receive(byte)
  self.command = self.command .. string.char(byte)
  local action = #self.command == 1 and actions[byte] or long_actions[self.command]
  if action then
    action(self)
  elseif #self.command == 2 and string.byte(self.command) == WRITE_USER then
    self.user = byte & 0x85 | 0x3a
  elseif #self.command == 2 and string.byte(self.command) == WRITE_HEATER then
    self.heater = byte & 0x0f
  end
end

function si7021:send()
  local byte = string.byte(self.answer) or 0xff
  self.answer = string.sub(self.answer, 2)
  return byte
end

return si7021
