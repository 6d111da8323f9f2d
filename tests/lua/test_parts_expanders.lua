-- PCF8574 and MCP23017: a script sets and reads pins, and a test sees and sets them.

local netmcu = require "netmcu"
local expect = require "expect"
local i2c_bus = require "i2c_bus"

local BUS = 0
i2c.setup(BUS, 2, 1, i2c.SLOW)

local read, registers, write = i2c_bus.read, i2c_bus.registers, i2c_bus.write

local function fails(part, address)
  part:set {failing = "silent"}
  assert(not write(address, 0))
  part:unplug()
  netmcu.options {strict = true}
  assert(not write(address, 0) and read(address, 1) == "\xff")
  netmcu.options {strict = false}
end

-- PCF8574
local part = netmcu.part("pcf8574", {address = 0x21, p3 = 0})
assert(read(0x21, 2) == "\xf7\xf7" and part:outputs() == 0xff)
write(0x21, 0x0f, 0x5f)
assert(read(0x21, 1) == "\x57" and part:outputs() == 0x5f)
part:set {p3 = 1, p0 = 0}
assert(read(0x21, 1) == "\x5e")
fails(part, 0x21)

-- PCF8574A
part = netmcu.part("pcf8574a", {p1 = 0})
assert(part.settings.address == 0x3f and write(0x3f, 0x0f) and read(0x3f, 1) == "\x0d" and part:outputs() == 0x0f)
part:unplug()

-- MCP23017: after a reset, all pins are inputs.
part = netmcu.part("mcp23017", {address = 0x20, a0 = 0, b7 = 0})
assert(registers(0x20, 0x00, 2) == "\xff\xff" and registers(0x20, 0x12, 2) == "\xfe\x7f")
assert(select(2, part:outputs()) == 0)
write(0x20, 0x00, 0xf0, 0x0f) -- directions
write(0x20, 0x12, 0xaa, 0x55) -- ports
assert(registers(0x20, 0x14, 2) == "\xaa\x55")
local a, b = part:outputs()
assert(a == 0x0a and b == 0x50)
assert(registers(0x20, 0x12, 2) == "\xfa\x5f")
write(0x20, 0x02, 0xf0) -- inverts inputs
assert(registers(0x20, 0x12, 1) == "\x0a")
write(0x20, 0x0e, 0xff, 0xff) -- cannot be written
assert(registers(0x20, 0x0e, 2) == "\0\0")
write(0x20, 0x0a, 0x21) -- a transfer goes to and fro between the two ports; the lowest bit stays 0
assert(registers(0x20, 0x12, 3) == "\x0a\x5f\x0a" and registers(0x20, 0x0b, 1) == "\x20")
fails(part, 0x20)

expect.finish()
