-- What DHT sensors have in common: their protocol on one wire. The module dht reads complete
-- measurements; scripts can read the levels by gpio calls.
--
-- A class defines frame(part), which returns the four bytes of a measurement, and may define
-- `start_signal`, the µs of the shortest start signal.

local host = require "netmcu.host"
local pins = require "netmcu.parts.pins"

local dht = {}

-- Returns the five bytes that the sensor sends, or nil if it does not answer.
local function bytes(part)
  if part.failing == "silent" then
    return nil
  end
  local frame = part:frame()
  local sum = 0
  for i = 1, 4 do
    sum = sum + string.byte(frame, i)
  end
  return frame .. string.char(part:checksum(sum & 255))
end

-- The levels that follow the start signal, as {level, µs}: an answer of 80 µs low and 80 µs high,
-- then for each bit 50 µs low, and 26 µs (0) or 70 µs (1) high (Aosong, AM2302 data sheet, section
-- 7).
local function signal(data)
  local steps = {{0, 80}, {1, 80}}
  for i = 1, #data do
    for bit = 7, 0, -1 do
      local is_one = string.byte(data, i) >> bit & 1 == 1
      table.insert(steps, {0, 50})
      table.insert(steps, {1, is_one and 70 or 26})
    end
  end
  table.insert(steps, {0, 50})
  return steps
end

-- On the chip, a loop in Lua that calls gpio.read takes about 14 µs per iteration. Scripts count
-- the iterations to measure how long a level lasts, so a read takes that long for the sensor here.
-- Others wait for a part of the level by tmr.delay.
local READ = 14

local function moved(self, level, is_output)
  local is_low = is_output and level == 0
  if is_low and not self.low_since then
    self.low_since, self.steps = host.now(), nil
  elseif not is_low and self.low_since then
    local data = host.now() - self.low_since >= self.start_signal and bytes(self)
    self.low_since = nil
    if data then
      self.steps, self.step, self.left = signal(data), 1, 0
      self.left, self.delayed = self.steps[1][2], host.delayed()
    end
  end
end

-- Lets time pass for the signal.
local function pass(self, us)
  self.left = self.left - us
  while self.left <= 0 and self.steps[self.step] do
    self.step = self.step + 1
    local step = self.steps[self.step]
    self.left = self.left + (step and step[2] or 0)
  end
end

local function level(self)
  if not self.steps then
    return nil
  end
  local delayed = host.delayed()
  pass(self, delayed - self.delayed)
  local step = self.steps[self.step]
  self.delayed = delayed
  pass(self, READ)
  return step and step[1]
end

-- Adds the methods of a DHT sensor to a class.
function dht.sensor(class)
  class.start_signal = class.start_signal or 800
  class.bytes, class.moved, class.level = bytes, moved, level

  function class:plugged_in()
    pins.parts[self.settings.pin] = self
  end

  function class:unplugged()
    pins.parts[self.settings.pin] = nil
  end

  return class
end

-- Returns tenths, rounded.
function dht.tenths(value)
  return math.floor(value * 10 + 0.5)
end

return dht
