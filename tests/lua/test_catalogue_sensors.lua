-- The sensors of the catalogue: the module and raw calls on the bus read the same part, a default
-- answers if none is plugged in, and the errors are those of the firmware.

local expect = require "expect"
local i2c_bus = require "i2c_bus"
local netmcu = require "netmcu"
local refuses = expect.refuses

-- The values may be off by a step of the part.
local function reads(fn, ...)
  local values = {fn()}
  for i, wanted in ipairs {...} do
    assert(math.abs(values[i] - wanted) <= 0.01 * math.abs(wanted) + 0.01, ("value %d: %s, not %s"):format(i, values[i], wanted))
  end
  assert(#values == select("#", ...), #values)
end

-- Reads registers as scripts do.
local function raw(address, register, count)
  i2c.start(0)
  assert(i2c.address(0, address, i2c.TRANSMITTER))
  i2c.write(0, register)
  i2c.start(0)
  assert(i2c.address(0, address, i2c.RECEIVER))
  local bytes = i2c.read(0, count)
  i2c.stop(0)
  return bytes
end

i2c.setup(0, 1, 2, i2c.SLOW)

-- adxl345, l3g4200d, hmc5883l
adxl345.setup()
netmcu.part "hmc5883l"
netmcu.part "l3g4200d"
assert(raw(0x1e, 0, 3) == "\x10\x20\x01" and raw(0x69, 0x20, 1) == "\7") -- their data sheets' first values
reads(adxl345.read, 0, 0, 256) -- a default lies on a desk
local acceleration = netmcu.part("adxl345", {x = 0.5, y = -1, z = 15})
adxl345.init(1, 2)
reads(adxl345.read, 128, -256, 511)
assert(raw(0x53, 0x00, 1) == "\xe5" and raw(0x53, 0x32, 6) == string.pack("<i2i2i2", 128, -256, 511))
i2c.start(0)
i2c.address(0, 0x53, i2c.TRANSMITTER)
i2c.write(0, 0x31, 0x0b) -- 16 g, in full resolution
i2c.stop(0)
reads(adxl345.read, 128, -256, 3840)
assert(raw(0x53, 0x30, 1) == "\x82") -- there is new data
i2c_bus.write(0x53, 0x31, 0x0f) -- the sign at the left: 13 bits of 16
reads(adxl345.read, 128 << 3, -256 << 3, 3840 << 3)
i2c_bus.write(0x53, 0x31, 0x05) -- 10 bits for 4 g
reads(adxl345.read, 64 << 6, -128 << 6, 511 << 6)
i2c_bus.write(0x53, 0x2d, 0) -- it stands by
assert(raw(0x53, 0x30, 1) == "\2")
assert(raw(0x53, 0x32, 6) == ("\0"):rep(6))
acceleration:set {failing = "silent"}
refuses("device not found", adxl345.setup)
reads(adxl345.read, -1, -1, -1)
refuses("bad argument #1 to 'init' (no i2c for D0)", adxl345.init, 0, 1)
refuses("bad argument #2 to 'init' (number expected, got no value)", adxl345.init, 1)

netmcu.part("l3g4200d", {x = 100, z = -300})
assert(raw(0x69, 0xa8, 6) == ("\0"):rep(6)) -- as it is off
l3g4200d.init(1, 2)
assert(raw(0x69, 0x20, 1) == "\x0f") -- measures
refuses("bad argument #1 to 'init' (no i2c for D0)", l3g4200d.init, 1, 0)
l3g4200d.setup()
reads(l3g4200d.read, 11429, 0, -32768)
assert(raw(0x69, 0x0f, 1) == "\xd3" and raw(0x69, 0xa8, 2) == string.pack("<i2", 11429))
assert(raw(0x69, 0x28, 2) == string.pack("B", 11429 & 255):rep(2)) -- without bit 7, the same register again

local compass = netmcu.part("hmc5883l", {x = 1, y = -0.5, z = 8})
assert(raw(0x1e, 3, 6) == ("\0"):rep(6)) -- nobody has asked for a measurement
i2c_bus.write(0x1e, 2, 1)
compass:set {x = 2}
assert(raw(0x1e, 3, 2) == string.pack(">i2", 1090) and raw(0x1e, 2, 1) == "\3") -- it rests again
compass:set {x = 1}
hmc5883l.setup()
reads(hmc5883l.read, 390, -4096, -195) -- x, z, y; z is beyond the range
assert(raw(0x1e, 0, 3) == "\x70\xa0\0" and raw(0x69, 0x20, 1) == "\x0f") -- what the modules have set
hmc5883l.init(1, 2)
for _, module in ipairs {adxl345, hmc5883l, hdc1080} do
  refuses("bad argument #1 to 'init' (no i2c for D0)", module.init, 0, 1)
  refuses("bad argument #1 to 'init' (no i2c for D0)", module.init, 1, 0)
end
assert(raw(0x1e, 10, 3) == "H43" and raw(0x1e, 7, 2) == string.pack(">i2", -195))
assert(raw(0x1e, 3, 8) == string.pack(">i2i2i2i2", 390, -4096, -195, 390)) -- x follows y

-- hdc1080, am2320
netmcu.part("hdc1080", {temp = -12.5, humidity = 81})
hdc1080.setup()
reads(hdc1080.read, -12.5, 81)
assert(raw(0x40, 0xff, 2) == "\x10\x50" and raw(0x40, 0x02, 2) == "\0\0")
hdc1080.init(1, 2)

-- Returns the value of a register once it is converted. Before that, the part does not answer,
-- unless the machine has stood still.
local function convert(register)
  local start = tmr.now()
  i2c_bus.write(0x40, register)
  i2c.start(0)
  assert(not i2c.address(0, 0x40, i2c.RECEIVER) or tmr.now() - start >= 2500)
  i2c.stop(0)
  tmr.delay(6500)
  return string.unpack(">I2", (i2c_bus.read(0x40, 2)))
end

assert(math.abs(convert(0) / 65536 * 165 - 40 + 12.5) < 0.01 and math.abs(convert(1) / 65536 * 100 - 81) < 0.01)
i2c_bus.write(0x40, 2, 0x06, 0) -- 11 bits for the temperature, 8 for the humidity
assert(convert(0) & 31 == 0 and convert(1) & 255 == 0 and raw(0x40, 2, 2) == "\6\0")
i2c_bus.write(0x40, 2, 0x80, 0) -- a reset: both values in one measurement
assert(raw(0x40, 2, 2) == "\x10\0")
i2c_bus.write(0x40, 0)
tmr.delay(13000)
assert(#i2c_bus.read(0x40, 4):gsub("\xff", "") == 4)

local climate = netmcu.part("am2320", {temp = -3.4, humidity = 55})
reads(am2320.setup, 0x2320, 1, 0x4e4d4355)
reads(am2320.read, 550, -34)
i2c.start(0)
assert(not i2c.address(0, 0x5c, i2c.TRANSMITTER)) -- it wakes up
i2c.start(0)
assert(i2c.address(0, 0x5c, i2c.TRANSMITTER))
i2c.write(0, 3, 0, 4)
i2c.stop(0)
i2c.start(0)
i2c.address(0, 0x5c, i2c.RECEIVER)
assert(i2c.read(0, 6) == "\3\4" .. string.pack(">I2I2", 550, 0x8000 | 34))
i2c.stop(0)
i2c.start(0)
assert(not i2c.address(0, 0x5c, i2c.RECEIVER)) -- it sleeps after the answer
i2c.stop(0)
for _, failing in ipairs {"silent", "checksum"} do
  climate:set {failing = failing}
  refuses("transmission error", am2320.read)
end
climate:set {failing = false}
reads(function() return am2320.init(1, 2) end, 0x2320, 1, 0x4e4d4355)
refuses("no i2c for D0", am2320.init, 0, 1)
