-- The 1-Wire buses, one on each pin: resets, bytes and searches, and the parts that answer.
--
-- What the class of a 1-Wire part defines:
--   part.rom                its 8 bytes: family, serial number, CRC
--   reset(part)             the bus was reset
--   receive(part, byte)     a byte after the part was selected
--   send(part)              returns the next byte
--   is_alarmed(part)        whether an alarm search finds it

local parts = require "netmcu.parts.init"

local ow = {}

-- Commands that all 1-Wire parts know (Maxim, DS18B20 data sheet, "ROM commands").
local READ_ROM, MATCH_ROM, SKIP_ROM = 0x33, 0x55, 0xcc

-- The state of each bus: the parts on it, those that are selected, and the ROM that is being
-- matched.
local buses = {}

local function bus_at(pin)
  buses[pin] = buses[pin] or {selected = {}}
  return buses[pin]
end

-- --- checksums (Maxim, application note 27) ---

local function crc(data, sum, polynomial)
  for i = 1, #data do
    sum = sum ~ string.byte(data, i)
    for _ = 1, 8 do
      sum = sum & 1 == 1 and sum >> 1 ~ polynomial or sum >> 1
    end
  end
  return sum
end

function ow.crc8(data)
  return crc(data, 0, 0x8c)
end

function ow.crc16(data, sum)
  return crc(data, sum or 0, 0xa001)
end

-- Returns the ROM of a part, with its checksum.
function ow.rom(family, serial)
  local rom = string.pack("<BI6", family, serial)
  return rom .. string.char(ow.crc8(rom))
end

-- --- transfers ---

local function answering(pin)
  local found = {}
  for _, part in ipairs(parts.on_ow(pin)) do
    if part.failing ~= "silent" then
      found[#found + 1] = part
    end
  end
  return found
end

-- Returns whether a part is there.
function ow.reset(pin)
  local bus = bus_at(pin)
  bus.present, bus.selected, bus.is_command, bus.match = answering(pin), {}, true, nil
  for _, part in ipairs(bus.present) do
    part:reset()
  end
  return #bus.present > 0
end

local function with_rom(bus, rom)
  for _, part in ipairs(bus.present) do
    if part.rom == rom then
      return {part}
    end
  end
  return {}
end

local function take_command(bus, byte)
  bus.is_command = false
  if byte == SKIP_ROM then
    bus.selected = bus.present
  elseif byte == MATCH_ROM then
    bus.match = ""
  elseif byte == READ_ROM then
    bus.roms = 1
  end
end

function ow.write(pin, byte)
  local bus = bus_at(pin)
  if bus.is_command then
    bus.roms = nil
    take_command(bus, byte)
  elseif bus.match then
    bus.match = bus.match .. string.char(byte)
    if #bus.match == 8 then
      bus.selected, bus.match = with_rom(bus, bus.match), nil
    end
  else
    for _, part in ipairs(bus.selected) do
      part:receive(byte)
    end
  end
end

local function next_of_rom(bus)
  local byte = 0xff
  for _, part in ipairs(bus.present) do
    byte = byte & (string.byte(part.rom, bus.roms) or 0xff)
  end
  bus.roms = bus.roms + 1
  return byte
end

-- Parts that send at the same time share the wire, and a 0 wins. A wire that nothing drives reads
-- as ones.
function ow.read(pin)
  local bus = bus_at(pin)
  if bus.roms then
    return next_of_rom(bus)
  end
  local byte = 0xff
  for _, part in ipairs(bus.selected) do
    byte = byte & part:send()
  end
  return byte
end

-- --- searches ---

-- Returns the key by which a search orders ROMs: it takes the bits of each byte from the lowest
-- one, and follows 0 before 1 (Maxim, application note 187).
local function search_key(rom)
  local bits = {}
  for i = 1, 8 do
    local byte = string.byte(rom, i)
    for bit = 0, 7 do
      bits[#bits + 1] = byte >> bit & 1
    end
  end
  return table.concat(bits)
end

-- Resets the bus, and returns the ROMs on it in the order of a search; with `is_alarm`, only those
-- of parts with an alarm.
function ow.search(pin, is_alarm)
  local roms = {}
  ow.reset(pin)
  for _, part in ipairs(bus_at(pin).present) do
    if not is_alarm or part:is_alarmed() then
      roms[#roms + 1] = part.rom
    end
  end
  table.sort(roms, function(a, b) return search_key(a) < search_key(b) end)
  return roms
end

-- --- parts that a test builds ---

local Attached = require "netmcu.parts.part".class {kind = "ow", bus = "ow", failures = "silent"}

function Attached:reset()
  self.written, self.pending = "", nil
end

function Attached:receive(byte)
  self.written, self.pending = self.written .. string.char(byte), nil
end

-- Asks read(written) for all bytes that follow what the script has written.
function Attached:send()
  if not self.pending then
    self.pending = self.read and self.read(self.written) or ""
  end
  local byte = string.byte(self.pending) or 0xff
  self.pending = string.sub(self.pending, 2)
  return byte
end

function Attached.is_alarmed() end

-- Puts a part on the bus of a pin. read(written) gets what the script has written since it selected
-- the part, and returns what it reads next. Returns the part.
function ow.attach(pin, rom, functions)
  if type(rom) ~= "string" or #rom ~= 7 and #rom ~= 8 then
    error("ow.attach: a ROM of 8 bytes, or of 7 without the checksum, expected", 0)
  end
  local part = Attached:new {pin = pin}
  part.rom = #rom == 8 and rom or rom .. string.char(ow.crc8(rom))
  part.read = functions.read
  part:reset()
  return parts.add(part)
end

return ow
