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

-- Calls fn, and returns how often the pin has fallen meanwhile, and its level.
local function falls(pin, fn)
  local count = 0
  gpio.mode(pin, gpio.INT, gpio.PULLUP)
  gpio.trig(pin, "down", function() count = count + 1 end)
  fn()
  local done = false
  tmr.create():alarm(1, tmr.ALARM_SINGLE, function() done = true end) -- a trigger is a callback
  netmcu.wait(function() return done end)
  gpio.trig(pin)
  return count, gpio.read(pin)
end

local function is(count, level, wanted_count, wanted_level)
  assert(count == wanted_count and level == wanted_level, count .. " " .. level)
end

-- Its output INT is low from a change of an input until the script reads, or the input is as before.
part = netmcu.part("pcf8574", {address = 0x22, int = 5})
assert(gpio.read(5) == 1)
local count, level = falls(5, function() part:set {p2 = 0} end)
is(count, level, 1, 0)
assert(read(0x22, 1) == "\xfb" and gpio.read(5) == 1)
count, level = falls(5, function() part:set {p2 = 1}; part:set {p2 = 0} end)
is(count, level, 1, 1)
part:set {p3 = 0}
assert(gpio.read(5) == 0)
write(0x22, 0xfb) -- a write also ends the interrupt
assert(gpio.read(5) == 1)
part:set {p3 = 1}
read(0x22, 1)
count, level = falls(5, function() part:set {p2 = 1} end) -- the script holds it low
is(count, level, 0, 1)
part:unplug()

-- Outputs that are joined: one that is low pulls the pin to 0.
local one, two = netmcu.part("pcf8574", {address = 0x22, int = 5}), netmcu.part("pcf8574", {address = 0x23, int = 5})
one:set {p0 = 0}
two:set {p0 = 1} -- no change
assert(gpio.read(5) == 0)
two:set {p0 = 0}
one:unplug()
assert(gpio.read(5) == 0)
read(0x23, 1)
assert(gpio.read(5) == 1)
two:unplug()

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
write(0x20, 0x0a, 0)
assert(registers(0x20, 0x15, 2) == "\x55\xf0") -- the first register follows the last one

-- With BANK, the registers of port A come first, and those of port B have addresses from 0x10.
write(0x20, 0x0a, 0x80)
assert(registers(0x20, 0x00, 2) == "\xf0\xf0" and registers(0x20, 0x10, 2) == "\x0f\x00")
assert(registers(0x20, 0x09, 3) == "\x0a\xaa\x00" and registers(0x20, 0x19, 3) == "\x5f\x55\xf0")
write(0x20, 0x19, 0x77)
assert(select(2, part:outputs()) == 0x70)
write(0x20, 0x15, 0xa0) -- byte mode: a transfer stays at its address
assert(registers(0x20, 0x19, 3) == "\x7f\x7f\x7f" and registers(0x20, 0x05, 1) == "\xa0")
write(0x20, 0x05, 0)
assert(registers(0x20, 0x0a, 2) == "\0\0" and registers(0x20, 0x15, 1) == "\x77")
fails(part, 0x20)

-- Its interrupts: a change of A2, or a level of B7 other than 1, captures the levels of the port.
netmcu.options {strict = false}
part = netmcu.part("mcp23017", {address = 0x21, inta = 5, intb = 6})
write(0x21, 0x04, 0x04, 0x80, 0x00, 0x80, 0x00, 0x80) -- GPINTEN, DEFVAL, INTCON
count, level = falls(5, function() part:set {a2 = 0, a1 = 0}; part:set {a2 = 1} end)
is(count, level, 1, 0)
assert(registers(0x21, 0x0e, 2) == "\x04\0" and gpio.read(6) == 1)
assert(registers(0x21, 0x10, 1) == "\xf9" and registers(0x21, 0x0e, 1) == "\0" and gpio.read(5) == 1)
count, level = falls(5, function() part:set {a1 = 1} end) -- has no interrupt
is(count, level, 0, 1)
part:set {b7 = 0}
assert(gpio.read(6) == 0 and registers(0x21, 0x13, 1) == "\x7f" and gpio.read(6) == 0) -- remains
part:set {b7 = 1}
assert(gpio.read(6) == 0 and registers(0x21, 0x11, 1) == "\x7f" and gpio.read(6) == 1)
write(0x21, 0x0a, 0x42) -- both pins show all interrupts, and are high for one
assert(gpio.read(5) == 0 and gpio.read(6) == 0)
part:set {a2 = 0}
assert(gpio.read(5) == 1 and gpio.read(6) == 1 and registers(0x21, 0x12, 1) == "\xfb" and gpio.read(6) == 0)
local refused, problem = pcall(netmcu.part, "mcp23017", {inta = 13})
assert(not refused and problem:find("inta: an integer from 0 to 12 expected", 1, true), problem)

expect.finish()
