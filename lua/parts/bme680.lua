-- BME680: temperature, pressure, humidity and the resistance of a gas sensor (Bosch,
-- BST-BME680-DS001). The registers are those of section 5.2; the places of the calibration words
-- and the formulas are those of Bosch's driver (BME680_driver, version 3.5).
--
-- The raw values of the part are those for which the formulas yield its values. The device's module
-- uses the same formulas.

local host = require "netmcu.host"
local invert = require "netmcu.parts.invert"
local part = require "netmcu.parts.part"

-- The words from 0x8A: T2 T3, P1 to P10; from 0xE1: H1 to H7, T1 and those of the heater, which has
-- no formula here. H1 and H2 have 12 bits.
local H1, H2 = 750, 1020
local low_words = string.pack("<i2 i1B I2 i2 i1B i2 i2 i1 i1 BB i2 i2 B", 26450, 3, 0, 36000, -10400, 88, 0, 6900, -100,
  30, 30, 0, 0, -2500, -2200, 30)
local high_words = string.pack("<BBB i1 i1 i1 B i1 I2 i2 i1 i1", H2 >> 4, (H2 & 15) << 4 | H1 & 15, H1 >> 4, 0, 45, 20,
  120, -100, 26050, -6000, -30, 18)

local DATA, GAS_WAIT, GAS_CONTROL, HUMIDITY_CONTROL, CONTROL = 0x1d, 0x64, 0x71, 0x72, 0x74

local bme680 = part.class {
  kind = "bme680", bus = "i2c", addresses = {0x76, 0x77}, data = DATA,
  constants = {[0x8a] = low_words, [0xd0] = "\x61", [0xe1] = high_words},
  values = {part.temp(-40, 85), part.humidity(), part.pressure(),
    {name = "gas", unit = "Ω", default = 50000, least = 200, most = 12000000}},
}

-- --- the formulas; // 2^n is an arithmetic shift ---

-- Returns the calibration from the bytes at 0x8A (23) and 0xE1 (14).
function bme680.calibration(low, high)
  local c, second, one, third = {}, nil, nil, nil
  c.T2, c.T3, c.P1, c.P2, c.P3, c.P4, c.P5, c.P7, c.P6, c.P8, c.P9, c.P10 =
    string.unpack("<i2i1xI2i2i1xi2i2i1i1xxi2i2B", low)
  second, one, third, c.H3, c.H4, c.H5, c.H6, c.H7, c.T1 = string.unpack("<BBBi1i1i1Bi1I2", high)
  c.H1, c.H2 = third << 4 | one & 15, second << 4 | one >> 4
  return c
end

-- Returns t_fine, on which the other formulas depend.
function bme680.fine_temp(raw, c)
  local one = raw // 8 - c.T1 * 2
  return one * c.T2 // 2048 + (one // 2) * (one // 2) // 4096 * (c.T3 * 16) // 16384
end

-- Returns 1/100 °C.
function bme680.temp(fine)
  return (fine * 5 + 128) // 256
end

-- Returns Pa.
function bme680.pressure(raw, fine, c)
  local one = fine // 2 - 64000
  local square = (one // 4) * (one // 4)
  local two = (square // 2048 * c.P6 // 4 + one * c.P5 * 2) // 4 + c.P4 * 65536
  one = (square // 8192 * (c.P3 * 32) // 8 + c.P2 * one // 2) // 262144
  one = (32768 + one) * c.P1 // 32768
  if one == 0 then
    return 0
  end
  local pressure = (1048576 - raw - two // 4096) * 3125 // one * 2
  local cube = (pressure // 256) * (pressure // 256) * (pressure // 256)
  local sum = c.P9 * ((pressure // 8) * (pressure // 8) // 8192) // 4096 + pressure // 4 * c.P8 // 8192
    + cube * c.P10 // 131072
  return pressure + (sum + c.P7 * 128) // 16
end

-- Returns 1/1000 %.
function bme680.humidity(raw, fine, c)
  local temp = bme680.temp(fine)
  local one = raw - c.H1 * 16 - temp * c.H3 // 100 // 2
  local two = c.H2 * (temp * c.H4 // 100 + temp * (temp * c.H5 // 100) // 64 // 100 + 16384) // 1024
  local three = one * two
  local four = (c.H6 * 128 + temp * c.H7 // 100) // 16
  local six = four * ((three // 16384) * (three // 16384) // 1024) // 2
  return math.max(0, math.min(100000, (three + six) // 1024 * 1000 // 4096))
end

-- Per mille by which the ranges of the gas sensor differ from a power of two.
local deviations = {[5] = -10, [7] = -8, [10] = -2, [11] = -5, [13] = -10}
local resistances = {[4] = 255744255, [5] = 127110228, [7] = 32258064, [8] = 16016016}

-- Returns Ω.
function bme680.resistance(raw, range)
  local one = 1340 * (2147483647 * (1000 + (deviations[range] or 0)) // 1000) // 65536
  local two = raw * 32768 - 16777216 + one
  return ((resistances[range] or 4096000000 >> range) * one // 512 + two // 2) // two
end

-- --- the part ---

local words = bme680.calibration(low_words, high_words)

local function round(number)
  return math.floor(number + 0.5)
end

-- Returns the raw resistance and its range: the least sensitive range that reaches the value.
local function raw_gas(ohms)
  for range = 15, 0, -1 do
    if bme680.resistance(0, range) >= ohms or range == 0 then
      return invert(1 << 10, -ohms, function(raw) return -bme680.resistance(raw, range) end), range
    end
  end
end

local NEW, MEASURING, GAS_VALID = 0x80, 0x60, 0x30 -- also: the heater was stable
local SKIPPED, SKIPPED_HUMIDITY = 0x80000, 0x8000 -- what the registers contain without a measurement

local function cycles(setting)
  return setting == 0 and 0 or 1 << math.min(setting, 5) - 1
end

-- Returns how often the chip measures temperature, pressure and humidity.
local function oversampling(self)
  local control = self.written[CONTROL]
  return cycles(control >> 5), cycles(control >> 2 & 7), cycles((self.written[HUMIDITY_CONTROL] or 0) & 7)
end

-- Returns the bytes from 0x1E.
local function pack(self, has_gas)
  local temps, pressures, humidities = oversampling(self)
  local temp = invert(1 << 20, round(self:value "temp" * 100), function(raw)
    return bme680.temp(bme680.fine_temp(raw, words))
  end)
  local fine = bme680.fine_temp(temp, words)
  local pressure = pressures > 0 and invert(1 << 20, -round(self:value "pressure" * 100), function(raw)
    return -bme680.pressure(raw, fine, words)
  end)
  local humidity = humidities > 0 and invert(1 << 16, round(self:value "humidity" * 1000), function(raw)
    return bme680.humidity(raw, fine, words)
  end)
  local gas, range = raw_gas(self:value "gas")
  return string.pack(">BI3I3I2I3I2", 0, (pressure or SKIPPED) << 4, (temps > 0 and temp or SKIPPED) << 4,
    humidity or SKIPPED_HUMIDITY, 0, gas << 6 | (has_gas and GAS_VALID or 0) | range)
end

function bme680:start()
  self.written, self.result, self.ready = {}, string.rep("\0", 14), nil
end

-- Returns the last measurement. The chip marks it as new only once, and goes to sleep after it.
function bme680:measure()
  local status = self.ready and MEASURING or 0
  if self.ready and host.now() >= self.ready then
    self.ready, self.written[CONTROL] = nil, self.written[CONTROL] & ~3
    self.result, status = self.pending, NEW
  end
  return string.char(status) .. self.result
end

-- The µs of a measurement, as Bosch's driver calculates them.
local function duration(self, has_gas)
  local temps, pressures, humidities = oversampling(self)
  local wait = has_gas and self.written[GAS_WAIT] or 0
  return (temps + pressures + humidities) * 1963 + 477 * 9 + ((wait & 63) * 1000 << wait // 64 * 2)
end

function bme680:put(register, byte)
  if register == 0xe0 and byte == 0xb6 then
    self:start()
    return
  end
  self.written[register] = byte
  if register == CONTROL and byte & 3 == 1 then
    local has_gas = (self.written[GAS_CONTROL] or 0) & 0x10 ~= 0
    self.pending, self.ready = pack(self, has_gas), host.now() + duration(self, has_gas)
  end
end

return require "netmcu.parts.registers"(bme680)
