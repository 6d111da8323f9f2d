-- ds18b20: reads the DS18B20 sensors on a 1-Wire bus.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.ow"
local device = require "netmcu.device.init"

local ds18b20 = {}

local pin = 3
local resolution = 12 -- bits; the conversion takes as long as that of the best sensor

function ds18b20.setup(new)
  if not tonumber(new) then
    argument.raise "wrong 1-wire pin"
  end
  device.module("ow").setup(new)
  pin = argument.integer(new, 1, "setup")
end

-- Returns the 8 bytes of "28:FF:01:02:03:04:05:06".
local function parse_rom(text)
  local bytes = {}
  for hex in string.gmatch(tostring(text), "%x+") do
    bytes[#bytes + 1] = string.char(tonumber(hex, 16) & 255)
  end
  return string.sub(table.concat(bytes) .. string.rep("\0", 8), 1, 8)
end

local function each_rom(list)
  local roms = {}
  for _, text in pairs(list) do
    roms[#roms + 1] = parse_rom(text)
  end
  return roms
end

local function command(rom, ...)
  bus.reset(pin)
  for _, byte in ipairs {0x55, string.byte(rom, 1, 8)} do
    bus.write(pin, byte)
  end
  for _, byte in ipairs {...} do
    bus.write(pin, byte)
  end
end

-- setting(list, bits): for the sensors of the list, or for all on the bus if it is empty.
function ds18b20.setting(list, bits)
  if type(list) ~= "table" or not tonumber(bits) then
    argument.raise "wrong arg range"
  end
  bits = argument.integer(bits, 2, "setting")
  if bits < 9 or bits > 12 then
    argument.raise "Invalid argument: resolution"
  end
  for _, rom in ipairs(next(list) ~= nil and each_rom(list) or bus.search(pin)) do
    command(rom, 0x4e, 0x4b, 0x46, bits - 9 << 5 | 0x1f)
  end
  resolution = 12 -- until the next readout, as other sensors may be better
end

local function read_bytes(count)
  local bytes = {}
  for i = 1, count do
    bytes[i] = string.char(bus.read(pin))
  end
  return table.concat(bytes)
end

-- Calls back with what a sensor has measured. Returns whether its checksums are right.
local function read_sensor(index, rom, callback)
  if bus.crc8(string.sub(rom, 1, 7)) ~= string.byte(rom, 8) then
    return false
  end
  command(rom, 0xb4)
  local is_parasite = bus.read(pin) == 0
  command(rom, 0xbe)
  local data = read_bytes(9)
  if bus.crc8(string.sub(data, 1, 8)) ~= string.byte(data, 9) then
    return false
  end
  local raw, bits = string.unpack("<i2", data), (string.byte(data, 5) >> 5) + 9
  resolution = math.max(resolution, bits)
  local thousandths = argument.integer(math.fmod(raw, 16) * 1000 / 16)
  callback(index, table.concat({string.byte(rom, 1, 8)}, ":"), bits, raw / 16, thousandths, is_parasite and 1 or 0)
  return true
end

local function of_family(roms, family)
  local found = {}
  for _, rom in ipairs(roms) do
    if family == nil or string.byte(rom) == family then
      found[#found + 1] = rom
    end
  end
  return found
end

-- read(callback, list [, family]): calls back for each sensor of the list, or for all on the bus if
-- it is empty, after the time of a conversion.
function ds18b20.read(callback, list, family)
  argument.check(type(callback) == "function", 1, "read", "Must be function")
  if type(list) ~= "table" then
    argument.raise "wrong arg range"
  end
  family = tonumber(family) and argument.integer(family, 3, "read")
  local roms = next(list) ~= nil and each_rom(list)
  bus.reset(pin)
  bus.write(pin, 0xcc)
  bus.write(pin, 0x44)
  require "tmr".create():alarm(95 << (resolution - 9), 0, function()
    resolution = 9
    local index = 1
    for _, rom in ipairs(roms or of_family(bus.search(pin), family)) do
      index = index + (read_sensor(index, rom, callback) and 1 or 0)
    end
  end)
end

return {api = ds18b20}
