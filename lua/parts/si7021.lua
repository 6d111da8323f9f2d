-- SI7021 (also HTU21D and SHT21): humidity and temperature (Silicon Labs, Si7021-A20 data sheet).
-- The commands are those of table 11, the formulas and the checksum those of section 5.1.

local host = require "netmcu.host"
local part = require "netmcu.parts.part"

local si7021 = part.class {
  kind = "si7021", bus = "i2c", addresses = {0x40}, failures = "silent checksum range",
  values = {part.temp(-40, 125), part.humidity()},
}

local HUMIDITY_HOLD, HUMIDITY, TEMP_HOLD, TEMP, LAST_TEMP, RESET = 0xe5, 0xf5, 0xe3, 0xf3, 0xe0, 0xfe
local WRITE_USER, READ_USER, WRITE_HEATER, READ_HEATER = 0xe6, 0xe7, 0x51, 0x11
local SERIAL_A, SERIAL_B, REVISION = "\xfa\x0f", "\xfc\xc9", "\x84\xb8"

local HUMIDITY_TIME, TEMP_TIME = 17000, 7000 -- µs, typical, with the highest resolution

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

-- The two lowest bits say what was measured: 0 for temperature, 2 for humidity.
local function code(number, kind)
  return string.pack(">I2", math.max(0, math.min(0xfffc, math.floor(number + 2))) & 0xfffc | kind)
end

local function measure_temp(self)
  self.last_temp = code((self:value "temp" + 46.85) * 65536 / 175.72, 0)
  return self.last_temp
end

-- A measurement of the humidity also measures the temperature.
local function measure_humidity(self)
  measure_temp(self)
  return code((self:value "humidity" + 6) * 65536 / 125, 2)
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

local function measure(self, bytes, duration)
  self.answer, self.ready = with_crc(self, bytes), host.now() + duration
end

local actions = {
  [HUMIDITY_HOLD] = function(self) measure(self, measure_humidity(self), 0) end, -- the part holds the clock
  [HUMIDITY] = function(self) measure(self, measure_humidity(self), HUMIDITY_TIME) end,
  [TEMP_HOLD] = function(self) measure(self, measure_temp(self), 0) end,
  [TEMP] = function(self) measure(self, measure_temp(self), TEMP_TIME) end,
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
