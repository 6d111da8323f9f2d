-- BME280: temperature, pressure and humidity (Bosch, BST-BME280-DS002). The registers are those of
-- section 5.3, the calibration words those of section 4.2.2.
--
-- The raw values of the part are those for which the formulas of section 4.2.3 yield its values.
-- The device's module uses the same formulas.

local host = require "netmcu.host"
local invert = require "netmcu.parts.invert"
local part = require "netmcu.parts.part"

-- dig_T1 to dig_P9 are those of the example in Bosch's BMP280 data sheet (BST-BMP280-DS001, 3.12).
local T1, T2, T3 = 27504, 26435, -1000
local P = {36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000}
local H1, H2, H3, H4, H5, H6 = 75, 362, 0, 313, 50, 30

-- The words from 0x88, then dig_H1 at 0xA1; and those from 0xE1. dig_H4 and dig_H5 have 12 bits.
local low_words = string.pack("<I2i2i2 I2i2i2i2i2i2i2i2i2 B B", T1, T2, T3, P[1], P[2], P[3], P[4], P[5], P[6], P[7],
  P[8], P[9], 0, H1)
local high_words = string.pack("<i2 B i1 B i1 i1", H2, H3, H4 >> 4, H4 & 15 | (H5 & 15) << 4, H5 >> 4, H6)

local bme280 = part.class {
  kind = "bme280", bus = "i2c", addresses = {0x76, 0x77}, data = 0xf7,
  constants = {[0x88] = low_words, [0xd0] = "\x60", [0xe1] = high_words},
  values = {part.temp(-40, 85), part.humidity(), part.pressure()},
}

-- --- the formulas; // 2^n is an arithmetic shift ---

-- Returns t_fine, on which the other formulas depend.
function bme280.fine_temp(raw, c)
  local one = (raw // 8 - c.T1 * 2) * c.T2 // 2048
  local two = raw // 16 - c.T1
  return one + two * two // 4096 * c.T3 // 16384
end

-- Returns 1/100 °C.
function bme280.temp(fine)
  return (fine * 5 + 128) // 256
end

-- Returns 1/256 Pa.
function bme280.pressure(raw, fine, c)
  local one = fine - 128000
  local two = one * one * c.P6 + ((one * c.P5) << 17) + (c.P4 << 35)
  one = one * one * c.P3 // 256 + ((one * c.P2) << 12)
  one = ((1 << 47) + one) * c.P1 // (1 << 33)
  if one == 0 then
    return 0
  end
  local pressure = (((1048576 - raw) << 31) - two) * 3125 // one
  one = c.P9 * (pressure // 8192) * (pressure // 8192) // (1 << 25)
  two = c.P8 * pressure // (1 << 19)
  return (pressure + one + two) // 256 + c.P7 * 16
end

-- Returns 1/1024 %.
function bme280.humidity(raw, fine, c)
  local x = fine - 76800
  x = ((raw << 14) - (c.H4 << 20) - c.H5 * x + 16384) // 32768
    * (((x * c.H6 // 1024 * (x * c.H3 // 2048 + 32768) // 1024 + 2097152) * c.H2 + 8192) // 16384)
  x = x - (x // 32768) * (x // 32768) // 128 * c.H1 // 16
  return math.max(0, math.min(419430400, x)) // 4096
end

-- Returns the calibration from the bytes at 0x88 (24), at 0xA1 (1) and at 0xE1 (7). The last two
-- are missing in a BMP280.
function bme280.calibration(low, h1, high)
  local c = {}
  c.T1, c.T2, c.T3, c.P1, c.P2, c.P3, c.P4, c.P5, c.P6, c.P7, c.P8, c.P9 =
    string.unpack("<I2i2i2I2i2i2i2i2i2i2i2i2", low)
  if high then
    local four, middle, five
    c.H1 = string.byte(h1)
    c.H2, c.H3, four, middle, five, c.H6 = string.unpack("<i2Bi1Bi1i1", high)
    c.H4, c.H5 = four * 16 | middle & 15, five * 16 | middle >> 4
  end
  return c
end

-- --- the part ---

local words = bme280.calibration(low_words, string.sub(low_words, -1), high_words)

local function round(number)
  return math.floor(number + 0.5)
end

local SKIPPED, SKIPPED_HUMIDITY = 0x80000, 0x8000 -- what the registers contain without a measurement

local function raw_values(self)
  local temp = round(self:value "temp" * 100)
  local raw_temp = invert(1 << 20, temp, function(raw) return bme280.temp(bme280.fine_temp(raw, words)) end)
  local fine = bme280.fine_temp(raw_temp, words)
  local pressure = self:value "pressure" * 100 * 256
  local raw_pressure = invert(1 << 20, -pressure, function(raw) return -bme280.pressure(raw, fine, words) end)
  local humidity = math.min(self:value "humidity" * 1024, 102400)
  local raw_humidity = invert(1 << 16, humidity, function(raw) return bme280.humidity(raw, fine, words) end)
  return self.control >> 2 & 7 > 0 and raw_pressure or SKIPPED, self.control >> 5 > 0 and raw_temp or SKIPPED,
    self.oversampling_humidity > 0 and raw_humidity or SKIPPED_HUMIDITY
end

-- The bytes from 0xF7: pressure, temperature, humidity.
local function pack(pressure, temp, humidity)
  return string.pack(">I3I3I2", pressure << 4, temp << 4, humidity)
end

local function times(setting)
  return setting == 0 and 0 or 1 << math.min(setting, 5) - 1
end

-- The µs of a typical measurement (section 9.1).
local function duration(self)
  local us = 1000 + 2000 * times(self.control >> 5)
  for _, setting in ipairs {self.control >> 2 & 7, self.oversampling_humidity} do
    us = us + (setting > 0 and 2000 * times(setting) + 500 or 0)
  end
  return us
end

local SLEEP, NORMAL = 0, 3

function bme280:start()
  self.control, self.config, self.control_humidity, self.oversampling_humidity = 0, 0, 0, 0
  self.result, self.ready, self.forced = pack(SKIPPED, SKIPPED, SKIPPED_HUMIDITY), nil, nil
end

local function is_measuring(self)
  return self.ready ~= nil and host.now() < self.ready
end

-- Returns the bytes of the last measurement. In normal mode, a measurement has always just ended.
-- In forced mode, the part measures once and then sleeps.
function bme280:measure()
  if self.ready and not is_measuring(self) then
    self.result = self.forced or pack(raw_values(self))
    if self.forced then
      self.control, self.ready, self.forced = self.control & ~3, nil, nil
    end
  end
  return self.result
end

function bme280:get(register)
  local is_busy = is_measuring(self)
  local answers = {
    [0xf2] = self.control_humidity, [0xf3] = is_busy and 8 or 0, [0xf4] = self:measure() and self.control,
    [0xf5] = self.config,
  }
  return answers[register] or 0
end

-- A change of the humidity's oversampling takes effect with the next write to 0xF4 (section 5.4.3).
function bme280:put(register, byte)
  if register == 0xe0 and byte == 0xb6 then
    self:start()
  elseif register == 0xf2 then
    self.control_humidity = byte & 7
  elseif register == 0xf5 then
    self.config = byte
  elseif register == 0xf4 then
    self.control, self.oversampling_humidity = byte, self.control_humidity
    local mode = byte & 3
    self.ready = mode ~= SLEEP and host.now() + duration(self) or nil
    self.forced = mode ~= SLEEP and mode ~= NORMAL and pack(raw_values(self)) or nil
  end
end

return require "netmcu.parts.registers"(bme280)
