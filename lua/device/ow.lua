-- ow: 1-Wire buses on the pins 1 to 12. The parts on them are those of netmcu.parts.ow.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.ow"
local pins = require "netmcu.parts.pins"

local ow = {}

local searches = {} -- by pin: the ROMs that are still to be returned, or a family to begin with

local function check_pin(pin, caller)
  pin = argument.integer(pin, 1, caller)
  if pin < 1 or pin > 12 then
    argument.raise(string.format("ow %d does not exist", pin))
  end
  return pin
end

local function check_most(number, most)
  if number > most then
    argument.raise "wrong arg range"
  end
  return number
end

function ow.setup(pin)
  pin = argument.integer(pin, 1, "setup")
  if pin == 0 then
    argument.raise "no 1-wire for D0"
  end
  searches[check_pin(pin, "setup")] = nil
  pins.use("1-Wire", pin)
end

function ow.reset(pin)
  return bus.reset(check_pin(pin, "reset")) and 1 or 0
end

function ow.skip(pin)
  bus.write(check_pin(pin, "skip"), 0xcc)
end

local function write_all(pin, bytes)
  for i = 1, #bytes do
    bus.write(pin, string.byte(bytes, i))
  end
end

local function rom_of_table(list)
  local bytes = {}
  for i = 1, #list do
    bytes[i] = string.char(check_most(argument.integer(list[i], 2, "select"), 255) & 255)
  end
  return table.concat(bytes)
end

-- Takes 8 bytes, as a string or a table.
function ow.select(pin, rom)
  pin = check_pin(pin, "select")
  rom = type(rom) == "table" and rom_of_table(rom) or argument.text(rom, 2, "select")
  if #rom ~= 8 then
    argument.raise "wrong arg range"
  end
  write_all(pin, "\x55" .. rom)
end

-- The power that parts take from the bus has no effect here.
function ow.write(pin, byte)
  pin = check_pin(pin, "write")
  bus.write(pin, check_most(argument.integer(byte, 2, "write"), 255) & 255)
end

function ow.write_bytes(pin, bytes)
  pin = check_pin(pin, "write_bytes")
  write_all(pin, argument.text(bytes, 2, "write_bytes"))
end

function ow.read(pin)
  return bus.read(check_pin(pin, "read"))
end

local MOST_BYTES = 256 -- the device's LUAL_BUFFERSIZE

function ow.read_bytes(pin, size)
  pin = check_pin(pin, "read_bytes")
  size = argument.integer(size, 2, "read_bytes")
  if size == 0 then
    return
  end
  argument.check(size > 0 and size <= MOST_BYTES, 2, "read_bytes", "Attempt to read too many characters")
  local bytes = {}
  for i = 1, size do
    bytes[i] = string.char(bus.read(pin))
  end
  return table.concat(bytes)
end

function ow.depower(pin)
  check_pin(pin, "depower")
end

function ow.reset_search(pin)
  searches[check_pin(pin, "reset_search")] = nil
end

function ow.target_search(pin, family)
  pin = check_pin(pin, "target_search")
  searches[pin] = {family = check_most(argument.integer(family, 2, "target_search"), 255)}
end

-- A search for a family begins with its first part. If it has no part, the search begins with the
-- first part of the bus.
local function begin_search(pin, family, is_alarm)
  local roms = bus.search(pin, is_alarm)
  local first = 1
  for i = #roms, 1, -1 do
    first = string.byte(roms[i]) == family and i or first
  end
  return table.move(roms, first, #roms, 1, {})
end

-- Returns the ROM of the next part, or nil. After the last one, a search begins again.
function ow.search(pin, alarm)
  pin = check_pin(pin, "search")
  local search = searches[pin] or {}
  if not search.left then
    search.left = begin_search(pin, search.family, tonumber(alarm) and tonumber(alarm) ~= 0)
  end
  local rom = table.remove(search.left, 1)
  searches[pin] = rom and search or nil
  return rom
end

function ow.crc8(data)
  data = argument.text(data, 1, "crc8")
  check_most(#data, 255)
  return bus.crc8(data)
end

function ow.crc16(data, crc)
  data = argument.text(data, 1, "crc16")
  check_most(#data, 65535)
  return bus.crc16(data, check_most(argument.optional_integer(crc, 0), 65535) & 0xffff)
end

function ow.check_crc16(data, low, high, crc)
  data = argument.text(data, 1, "check_crc16")
  low, high = argument.integer(low, 2, "check_crc16"), argument.integer(high, 3, "check_crc16")
  local inverted = ow.crc16(data, crc) ~ 0xffff
  return inverted & 255 == low & 255 and inverted >> 8 == high & 255
end

-- Accepts new timings, which have no effect here.
function ow.timings()
end

return {api = ow}
