-- An ADS1115 gives a script that reads its registers the same voltages as one that uses the module.

local netmcu = require "netmcu"
local expect = require "expect"
local i2c_bus = require "i2c_bus"

local BUS, ADDRESS = 0, 0x48
i2c.setup(BUS, 2, 1, i2c.SLOW)

local read, registers, write = i2c_bus.read, i2c_bus.registers, i2c_bus.write

part = netmcu.part("ads1115", {a0 = 1.5, a1 = 0.5, a3 = -0.25})
assert(registers(ADDRESS, 1, 2) == "\x85\x83")
local function convert(config)
  write(ADDRESS, 1, config >> 8, config & 0xff)
  tmr.delay(1300) -- for 860 conversions in a second
  assert(registers(ADDRESS, 1, 1):byte() >= 0x80) -- it is ready
  return (string.unpack(">i2", registers(ADDRESS, 0, 2)))
end
assert(convert(0xc1e3) == 8000 and convert(0xc3e3) == 12000 and convert(0xc5e3) == 24000) -- a0: 6.144, 4.096, 2.048 V
assert(convert(0xc7e3) == 32767) -- beyond 1.024 V
assert(convert(0x83e3) == 8000) -- a0 - a1
assert(convert(0xf3e3) == -2000) -- a3
write(ADDRESS, 1, 0xc3, 0x83)
assert(registers(ADDRESS, 1, 1) == "\x43") -- it converts
write(ADDRESS, 2, 0x12, 0x34)
assert(registers(ADDRESS, 2, 2) == "\x12\x34")
write(ADDRESS, 1, 0xc2, 0xe3) -- continuous
tmr.delay(1300)
part:set {a0 = 2}
assert(registers(ADDRESS, 0, 2) == string.pack(">i2", 16000))
assert(registers(ADDRESS, 1, 2) == "\x42\xe3") -- it always converts
assert(write(0, 6) and registers(ADDRESS, 1, 2) == "\x85\x83") -- a general call resets it


-- The module
part = netmcu.part("ads1115", {a0 = 1.5, a1 = 2, a2 = -0.1})
ads1115.reset()
local device = ads1115.ads1115(0, ads1115.ADDR_GND)
device:setting(ads1115.GAIN_4_096V, ads1115.DR_860SPS, ads1115.SINGLE_0, ads1115.SINGLE_SHOT)
local called = false
device:startread(expect(function(millivolts, decimals, raw, sign)
  called = true
  assert(millivolts == 1500 and raw == 12000 and decimals == nil and sign == nil)
end))
netmcu.wait(function() return called end)
device:setting(ads1115.GAIN_4_096V, ads1115.DR_860SPS, ads1115.SINGLE_1, ads1115.SINGLE_SHOT)
tmr.delay(1300)
assert(device:read() == 2000) -- setting starts a conversion
device:setting(ads1115.GAIN_2_048V, ads1115.DR_860SPS, ads1115.DIFF_0_1, ads1115.CONTINUOUS)
tmr.delay(1300)
local millivolts, _, raw = device:read()
assert(millivolts == -500 and raw == 65536 - 8000 and registers(ADDRESS, 0, 2) == string.pack(">i2", -8000))
device:setting(ads1115.GAIN_6_144V, ads1115.DR_128SPS, ads1115.SINGLE_0, ads1115.SINGLE_SHOT,
  ads1115.COMP_1CONV, 3072, 4608)
assert(registers(ADDRESS, 2, 2) == "\x40\x00" and registers(ADDRESS, 3, 2) == "\x60\x00")
ads1115.reset()

-- An ADS1015 is faster, and has 12 bits.
device = ads1115.ads1015(0, ads1115.ADDR_GND)
for _, rate in ipairs {ads1115.DR_128SPS, ads1115.DR_1600SPS, ads1115.DR_3300SPS} do
  called = false
  device:setting(ads1115.GAIN_6_144V, rate, ads1115.SINGLE_0, ads1115.SINGLE_SHOT)
  part:set {a0 = rate / 1000}
  device:startread(expect(function(millivolts, _, raw)
    called = true
    assert(math.abs(millivolts - rate) < 4 and raw & 15 == 0)
  end))
  netmcu.wait(function() return called end)
end

-- At the end of a conversion, the comparator's pin takes the place of the callback.
device:setting(ads1115.GAIN_6_144V, ads1115.DR_3300SPS, ads1115.SINGLE_2, ads1115.SINGLE_SHOT, ads1115.CONV_RDY_1)
device:startread(function() error "called" end)
device:startread()
device:setting(ads1115.GAIN_6_144V, ads1115.DR_3300SPS, ads1115.SINGLE_2, ads1115.SINGLE_SHOT)

for text, call in pairs {
  ["wrong arg range"] = function() ads1115.ads1115(0) end,
  ["Invalid argument: i2c_id"] = function() ads1115.ads1115(1, 0x48) end,
  ["Invalid argument: adddress"] = function() ads1115.ads1115(0, 0x50) end,
  ["Invalid argument: gain"] = function() device:setting(1, 128, 0x4000, 0) end,
  ["Invalid argument: samples"] = function() device:setting(0, 8, 0x4000, 0) end,
  ["Invalid argument: channel"] = function() device:setting(0, 128, 1, 0) end,
  ["Invalid argument: mode"] = function() device:setting(0, 128, 0x4000, 1) end,
  ["Invalid argument: threshold_low > threshold_hi"] = function() device:setting(0, 128, 0x4000, 0, 0, 9, 8) end,
  ["Invalid argument: threshold_low"] = function() device:setting(0, 128, 0x4000, 0, 0, -9, 8) end,
  ["Invalid argument: threshold_hi"] = function() device:setting(0, 128, 0x4000, 0, 0, 9, 7000) end,
  ["Must be function"] = function() device:startread() end,
  ["ads1115.device expected, got table"] = function() device.read({}) end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end

-- Failures
part:set {failing = "range"}
device:setting(ads1115.GAIN_6_144V, ads1115.DR_3300SPS, ads1115.SINGLE_0, ads1115.CONTINUOUS)
tmr.delay(2500)
assert(device:read() > 5500)
part:set {failing = "silent"}
netmcu.options {strict = true}
assert(not write(ADDRESS, 0) and not write(0, 6))
part:unplug()
assert(not write(ADDRESS, 0) and read(ADDRESS, 2) == "\xff\xff")
local done, problem = pcall(ads1115.ads1115, 0, ADDRESS)
assert(not done and problem:find("found no device", 1, true))

expect.finish()
