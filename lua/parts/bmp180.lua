-- BMP180 and BMP085: temperature and pressure (Bosch, BST-BMP180-DS000). The registers are those of
-- section 4, the calibration and the formulas those of section 3.5.

local host = require "netmcu.host"
local invert = require "netmcu.parts.invert"
local part = require "netmcu.parts.part"

local LAYOUT = ">i2i2i2I2I2I2i2i2i2i2i2"

-- The words from 0xAA: those of the data sheet's example.
local words = string.pack(LAYOUT, 408, -72, -14383, 32741, 32757, 23153, 6190, 4, -32768, -8711, 2868)

local bmp180 = part.class {
  kind = "bmp180", bus = "i2c", addresses = {0x77}, constants = {[0xaa] = words, [0xd0] = "\x55"}, data = 0xf6,
  values = {part.temp(-40, 85), part.pressure()},
}

-- --- the formulas; // 2^n is an arithmetic shift ---

function bmp180.calibration(bytes)
  local c = {}
  c.AC1, c.AC2, c.AC3, c.AC4, c.AC5, c.AC6, c.B1, c.B2, c.MB, c.MC, c.MD = string.unpack(LAYOUT, bytes)
  return c
end

-- Returns a division as C does it, towards zero.
local function divide(a, b)
  return b == 0 and 0 or a // b + (a % b ~= 0 and (a < 0) ~= (b < 0) and 1 or 0)
end

-- Returns B5, on which the pressure depends.
function bmp180.fine_temp(raw, c)
  local one = (raw - c.AC6) * c.AC5 // 32768
  return one + divide(c.MC << 11, one + c.MD)
end

-- Returns 1/10 °C.
function bmp180.temp(b5)
  return (b5 + 8) // 16
end

-- Returns Pa.
function bmp180.pressure(raw, b5, oversampling, c)
  local b6 = b5 - 4000
  local three = c.B2 * (b6 * b6 // 4096) // 2048 + c.AC2 * b6 // 2048
  local b3 = ((c.AC1 * 4 + three << oversampling) + 2) // 4
  three = (c.AC3 * b6 // 8192 + c.B1 * (b6 * b6 // 4096) // 65536 + 2) // 4
  local b4 = c.AC4 * (three + 32768) // 32768
  local pressure = divide((raw - b3) * (50000 >> oversampling) * 2, b4)
  local one = (pressure // 256) * (pressure // 256) * 3038 // 65536
  return pressure + (one + -7357 * pressure // 65536 + 3791) // 16
end

-- --- the part ---

local own = bmp180.calibration(words)

local function raw_temp(self)
  local wanted = math.floor(self:value "temp" * 10 + 0.5)
  return invert(1 << 16, wanted, function(raw) return bmp180.temp(bmp180.fine_temp(raw, own)) end)
end

local function raw_pressure(self, oversampling)
  local b5 = bmp180.fine_temp(raw_temp(self), own)
  local wanted = math.floor(self:value "pressure" * 100 + 0.5)
  return invert(1 << (16 + oversampling), wanted, function(raw) return bmp180.pressure(raw, b5, oversampling, own) end)
end

local TEMP, PRESSURE, RESET = 0x2e, 0x34, 0xb6
local DURATIONS = {3000, 5000, 9000, 17000} -- µs, typical, by the oversampling

function bmp180:start()
  self.control, self.result, self.ready = 0, "\x80\0\0", nil
end

local function is_converting(self)
  return self.ready ~= nil and host.now() < self.ready
end

-- Returns what the last conversion has measured.
function bmp180:measure()
  if self.ready and not is_converting(self) then
    local oversampling = self.control >> 6
    self.ready = nil
    self.result = self.control & 0x3f == TEMP and string.pack(">I2B", raw_temp(self), 0)
      or string.pack(">I3", raw_pressure(self, oversampling) << 8 - oversampling)
  end
  return self.result
end

function bmp180:get(register)
  if register == 0xf4 then
    return is_converting(self) and self.control | 0x20 or self.control & ~0x20
  end
  return 0
end

function bmp180:put(register, byte)
  if register == 0xe0 and byte == RESET then
    self:start()
  elseif register == 0xf4 then
    self:measure()
    self.control = byte
    local is_known = byte & 0x3f == TEMP or byte & 0x3f == PRESSURE
    self.ready = is_known and host.now() + (byte & 0x3f == TEMP and DURATIONS[1] or DURATIONS[(byte >> 6) + 1]) or nil
  end
end

return require "netmcu.parts.registers"(bmp180)
