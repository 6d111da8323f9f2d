-- The SPI buses, and the parts that are selected.
--
-- A part is selected while its pin (/CS) is an output at 0. The SPI engine of the chip itself pulls
-- pin 8 down around each transfer, unless gpio has made that pin an output.
--
-- What the class of an SPI part defines:
--   exchange(part, value, bits)    gets up to 8 bits, and returns the same number
--   selected(part, is_selected)    optional; its /CS has changed
-- and it takes plugged_in and unplugged from spi.part.

local host = require "netmcu.host"
local parts = require "netmcu.parts.init"
local pins = require "netmcu.parts.pins"

local spi = {}

local ENGINE_PIN = 8
local is_output = {[1] = true, [2] = true} -- gpio.OUTPUT, gpio.OPENDRAIN

local function select(part, is_selected)
  if part.is_selected ~= is_selected then
    part.is_selected = is_selected
    if part.selected then
      part:selected(is_selected)
    end
  end
end

local function moved(part, level, is_driven)
  select(part, is_driven and level == 0)
end

-- Adds the methods of an SPI part to a class.
function spi.part(class)
  class.moved, class.level = moved, function() end

  function class:plugged_in()
    local pin = self.settings.pin
    pins.parts[pin] = self
    moved(self, pins.levels[pin], is_output[pins.modes[pin]])
  end

  function class:unplugged()
    pins.parts[self.settings.pin] = nil
  end

  return class
end

local function is_of_engine(part)
  return part.settings.pin == ENGINE_PIN and not is_output[pins.modes[ENGINE_PIN]]
end

local function find_part(bus)
  for _, part in ipairs(parts.on_spi(bus)) do
    if part.exchange and part.failing ~= "silent" and (part.is_selected or is_of_engine(part)) then
      return part
    end
  end
end

-- Calls transfer(part) with the selected part, for which the SPI engine may pull /CS down, or with
-- nil if no part is selected. Returns the result.
local function with_part(bus, wants_answer, transfer)
  local part = find_part(bus)
  if not part then
    if wants_answer and not host.options().strict then
      parts.tell(string.format("no part is plugged in and selected on SPI bus %d: it reads as ones", bus))
    end
    return transfer(nil)
  end
  local is_engine = is_of_engine(part)
  if is_engine then
    select(part, true)
  end
  local answer = transfer(part)
  if is_engine then
    select(part, false)
  end
  return answer
end

local MOSI = {[1] = 7} -- by bus; that of bus 0 leads to the flash

-- Strips of LEDs have no /CS: one whose data pin is MOSI gets all bytes of the bus.
local function tell_strip(bus, byte)
  for _, part in ipairs(parts.list()) do
    if part.shift and part.settings.pin == MOSI[bus] and part.failing ~= "silent" then
      part:shift(byte)
    end
  end
end

-- Returns the bits that come back. If no part is selected, nothing drives the wire: they are ones.
local function exchange_some(bus, part, value, bits)
  if bits == 8 then
    tell_strip(bus, value)
  end
  return part and part:exchange(value, bits) or (1 << bits) - 1
end

-- Sends the lowest bits of a value, the highest of them first, in words of up to 8 bits. Returns
-- the same number of bits. `wants_answer` is false if the caller ignores the returned bits.
function spi.exchange(bus, value, bits, wants_answer)
  return with_part(bus, wants_answer, function(part)
    local answer, left = 0, bits
    while left > 0 do
      local count = math.min(8, left)
      left = left - count
      local got = exchange_some(bus, part, value >> left & (1 << count) - 1, count)
      answer = answer << count | got & (1 << count) - 1
    end
    return answer
  end)
end

-- Sends a list of bits in one transfer. Returns the list of the bits that came back.
function spi.exchange_bits(bus, stream)
  local answers = {}
  with_part(bus, true, function(part)
    for first = 1, #stream, 8 do
      local last, value = math.min(first + 7, #stream), 0
      for i = first, last do
        value = value << 1 | stream[i]
      end
      local got = exchange_some(bus, part, value, last - first + 1)
      for i = first, last do
        answers[i] = got >> last - i & 1
      end
    end
  end)
  return answers
end

-- --- parts that a test builds ---

local Attached = spi.part(require "netmcu.parts.part".class {kind = "spi", bus = "spi", failures = "silent"})

function Attached:exchange(value, bits)
  return self.functions.exchange and self.functions.exchange(value, bits) or 0xff
end

function Attached:selected(is_selected)
  if self.functions.selected then
    self.functions.selected(is_selected)
  end
end

-- Puts a part on a bus, with a pin for its /CS: exchange(byte, bits) gets up to 8 bits and returns
-- the same number; selected(is_selected) is called when /CS changes. Returns the part.
function spi.attach(bus, pin, functions)
  local part = Attached:new {bus = bus, pin = pin}
  part.functions = functions
  return parts.add(part)
end

return spi
