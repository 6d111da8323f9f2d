-- ow, ds18b20: DS18B20 sensors on a 1-Wire bus are found by a search, and give the same
-- temperatures to a script that sends commands and to one that uses the module.

local netmcu = require "netmcu"
local expect = require "expect"

local PIN = 4
ow.setup(PIN)

-- Checksums: the examples of Maxim's application note 27
assert(ow.crc8 "\x02\x1c\xb8\x01\0\0\0" == 0xa2)
assert(ow.crc16 "123456789" == 0xbb3d and ow.check_crc16("123456789", 0xbb3d & 0xff ~ 0xff, 0xbb3d >> 8 ~ 0xff))
assert(not ow.check_crc16("123456788", 0xbb3d & 0xff ~ 0xff, 0xbb3d >> 8 ~ 0xff))

-- Each pin that is used has a default; under strict, the pins are empty.
assert(ow.reset(PIN) == 1 and #ow.search(PIN) == 8 and ow.search(PIN) == nil)
netmcu.options {strict = true}
assert(ow.reset(PIN) == 0 and ow.search(PIN) == nil and ow.read(PIN) == 0xff)
netmcu.options {strict = false}

local inside = netmcu.part("ds18b20", {pin = PIN, temp = 21.0625, id = 5})
local outside = netmcu.part("ds18b20", {pin = PIN, temp = -10.125, id = 6, parasite = 1})

local function search()
  local roms = {}
  ow.reset_search(PIN)
  for rom in function() return ow.search(PIN) end do
    assert(ow.crc8(rom:sub(1, 7)) == rom:byte(8) and rom:byte() == 0x28)
    roms[#roms + 1] = rom
  end
  return roms
end

local roms = search()
assert(#roms == 2 and roms[1]:byte(2) == 6 and roms[2]:byte(2) == 5) -- the lowest bit of 6 is 0
ow.target_search(PIN, 0x28)
assert(ow.search(PIN) == roms[1])
ow.target_search(PIN, 0x28) -- begins again, as reset_search does
assert(ow.search(PIN) == roms[1])
ow.reset_search(PIN)
assert(ow.search(PIN) == roms[1] and ow.search(PIN) == roms[2])
expect.nothing(ow.depower(PIN))
expect.nothing(ow.timings(480, 70))

local function command(rom, ...)
  assert(ow.reset(PIN) == 1)
  ow.select(PIN, rom)
  for _, byte in ipairs {...} do
    ow.write(PIN, byte, 1)
  end
end

local function read(rom)
  command(rom, 0xbe)
  local data = ow.read_bytes(PIN, 9)
  return string.unpack("<i2", data) / 16, ow.crc8(data:sub(1, 8)) == data:byte(9), data
end

-- A conversion takes as long as its resolution needs. Before the first one, a sensor reads 85 °C.
assert(read(roms[1]) == 85)
for i, rom in ipairs(roms) do
  command(rom, 0x4e, 0x4b, 0x46, i == 1 and 0x1f or 0x3f) -- 9 and 10 bits
end
ow.reset(PIN)
ow.skip(PIN)
ow.write(PIN, 0x44, 1)
assert(ow.read(PIN) == 0 and read(roms[1]) == 85)
tmr.delay(190000)
local temp, is_right = read(roms[2])
assert(temp == 21 and is_right) -- 10 bits are steps of 0.25 °C
assert(read(roms[1]) == -10.5)
command(roms[1], 0xb4)
assert(ow.read(PIN) == 0)
command(roms[2], 0xb4)
assert(ow.read(PIN) == 0xff)

-- The command that reads the ROM is for a single sensor.
outside:unplug()
ow.reset(PIN)
ow.write(PIN, 0x33)
assert(ow.read_bytes(PIN, 8) == roms[2])
ow.select(PIN, {roms[2]:byte(1, 8)})

-- The alarm search finds a sensor outside of its limits.
ow.reset_search(PIN)
assert(ow.search(PIN, 1) == roms[2]) -- 21 °C is below 70 °C
command(roms[2], 0x4e, 0x4b, 0x05, 0x1f)
ow.reset_search(PIN)
assert(ow.search(PIN, 1) == nil)

-- The module
ds18b20.setup(PIN)
local rom_text = table.concat({roms[2]:byte(1, 8)}, ":")
local hex = ("%02X:%02X:%02X:%02X:%02X:%02X:%02X:%02X"):format(roms[2]:byte(1, 8))
local calls = 0
local function check(index, rom, bits, value, thousandths, parasite)
  calls = calls + 1
  assert(index == 1 and rom == rom_text and bits == 9 and value == 30.5 and thousandths == 500 and parasite == 0)
end
inside:set {temp = 30.6}
ds18b20.setting({hex}, 9)
ds18b20.read(expect(check), {})
netmcu.wait(function() return calls == 1 end)
ds18b20.read(expect(check), {hex}, 0x28)
netmcu.wait(function() return calls == 2 end)

-- Failures: nothing is reported for a sensor whose checksums are wrong.
inside:set {failing = "checksum"}
assert(not select(2, read(roms[2])))
local other = netmcu.part("ds18b20", {pin = PIN, temp = 1.5, id = 7})
ds18b20.setting({}, 9) -- all of them: 9 bits, which take less time
ds18b20.read(expect(function(_, _, bits, value)
  assert(bits == 9 and value == 1.5)
  calls = 3
end), {})
netmcu.wait(function() return calls == 3 end)
other:set {failing = "silent"}
inside:set {failing = "silent"}
assert(ow.reset(PIN) == 0 and #search() == 0)
other:unplug()
inside:set {failing = "range"}
command(roms[2], 0x44)
tmr.delay(100000)
assert(read(roms[2]) > 125)

-- A part that a test has built
local built = netmcu.ow.attach(5, "\x10\1\2\3\4\5\6", {read = function(written) return written .. "!" end})
ow.setup(5)
assert(ow.search(5):sub(1, 7) == "\x10\1\2\3\4\5\6")
ow.reset(5)
ow.skip(5)
ow.write_bytes(5, "ab")
assert(ow.read_bytes(5, 4) == "ab!\xff")
built:unplug()

for text, call in pairs {
  ["no 1-wire for D0"] = function() ow.setup(0) end,
  ["ow 13 does not exist"] = function() ow.reset(13) end,
  ["ow 14 does not exist"] = function() ow.depower(14) end,
  ["wrong arg range"] = function() ow.select(PIN, "short") end,
  ["Attempt to read too many characters"] = function() ow.read_bytes(PIN, 257) end,
  ["wrong 1-wire pin"] = function() ds18b20.setup() end,
  ["Must be function"] = function() ds18b20.read(5, {}) end,
  ["Invalid argument: resolution"] = function() ds18b20.setting({}, 13) end,
  ["id: an integer below 2^48 expected"] = function() netmcu.part("ds18b20", {pin = 4, id = -1}) end,
  ["pin: missing, as in --part ds18b20,pin=4"] = function() netmcu.part "ds18b20" end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end
expect.nothing(ow.read_bytes(PIN, 0))

expect.finish()
