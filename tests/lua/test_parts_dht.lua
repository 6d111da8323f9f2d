-- dht: DHT11 and DHT22 sensors give the same values to the module and to a script that reads their
-- signal with gpio.

local netmcu = require "netmcu"
local expect = require "expect"

local PIN = 4

-- As scripts for old firmware do it: they measure the time of a level by counting reads.
local function read_bytes()
  gpio.mode(PIN, gpio.OUTPUT)
  gpio.write(PIN, gpio.HIGH)
  tmr.delay(100)
  gpio.write(PIN, gpio.LOW)
  tmr.delay(18000)
  gpio.write(PIN, gpio.HIGH)
  gpio.mode(PIN, gpio.INPUT)
  local function count(level)
    local reads = 0
    while gpio.read(PIN) == level and reads < 500 do
      reads = reads + 1
    end
    return reads
  end
  if count(0) == 0 then
    return nil -- no answer
  end
  count(1)
  local bytes = {}
  for i = 1, 5 do
    local byte = 0
    for _ = 1, 8 do
      count(0)
      byte = byte * 2 + (count(1) > 3 and 1 or 0)
    end
    bytes[i] = byte
  end
  return bytes
end

-- As other scripts do it: they look at the level 30 µs after its rise.
local function read_delayed()
  gpio.mode(PIN, gpio.OUTPUT)
  gpio.write(PIN, 0)
  tmr.delay(2000)
  gpio.mode(PIN, gpio.INPUT, gpio.PULLUP)
  local function wait_for(level)
    local reads = 0
    while gpio.read(PIN) ~= level do
      reads = reads + 1
      assert(reads < 255)
    end
  end
  for _, level in ipairs {0, 1, 0} do
    wait_for(level)
  end
  local bytes = {}
  for i = 1, 5 do
    bytes[i] = 0
    for _ = 1, 8 do
      wait_for(1)
      tmr.delay(30)
      bytes[i] = bytes[i] * 2 + gpio.read(PIN)
      wait_for(0)
    end
  end
  return bytes
end

local function same(wanted, ...)
  local got = {...}
  for i, value in ipairs(wanted) do
    assert(math.abs(got[i] - value) < 1e-6, table.concat(got, " "))
  end
end

-- Defaults; none under strict
same({dht.OK, 20, 50, 0, 0}, dht.read(PIN))
same({dht.OK, 20, 50, 0, 0}, dht.readxx(PIN))
same({dht.OK, 20, 50, 0, 0}, dht.read11(5))
netmcu.options {strict = true}
same({dht.ERROR_TIMEOUT, -999, -999, 0, 0}, dht.read(PIN))
assert(dht.readxx(PIN) == dht.ERROR_TIMEOUT and dht.read11(5) == dht.ERROR_TIMEOUT)
assert(dht.read12(6) == dht.ERROR_TIMEOUT)
netmcu.options {strict = false}

local part = netmcu.part("dht22", {pin = PIN, temp = -3.5, humidity = 61.2})
same({dht.OK, -3.5, 61.2, -500, 200}, dht.read(PIN))
local bytes = read_bytes()
assert(bytes[1] * 256 + bytes[2] == 612 and bytes[3] * 256 + bytes[4] == 0x8000 + 35)
assert((bytes[1] + bytes[2] + bytes[3] + bytes[4]) % 256 == bytes[5])
assert(table.concat(read_delayed(), " ") == table.concat(bytes, " "))
same({dht.OK, -3.5, 61.2, -500, 200}, dht.readxx(PIN))
part:set {temp = 25.6, humidity = 25.6} -- the low bytes are 0, as a DHT11's
assert(dht.readxx(PIN) == dht.OK)
same({dht.OK, 25.6, 25.6, 600, 600}, dht.readxx(PIN))

part:set {temp = 80, humidity = 100, failing = "checksum"}
assert(dht.read(PIN) == dht.ERROR_CHECKSUM)
bytes = read_bytes()
assert((bytes[1] + bytes[2] + bytes[3] + bytes[4]) % 256 ~= bytes[5])
part:set {failing = "silent"}
assert(dht.read(PIN) == dht.ERROR_TIMEOUT and read_bytes() == nil)
part:set {failing = "range"}
assert(select(2, dht.read(PIN)) > 80 and select(3, dht.read(PIN)) > 100)

-- A DHT11 takes its place.
part = netmcu.part("dht11", {pin = PIN, temp = 23, humidity = 45})
same({dht.OK, 23, 45, 0, 0}, dht.read(PIN))
same({dht.OK, 23, 45, 0, 0}, dht.read11(PIN))
same({dht.OK, 23, 45, 0, 0}, dht.read12(PIN))
bytes = read_bytes()
assert(table.concat(bytes, " ") == "45 0 23 0 68", table.concat(bytes, " "))
local start = tmr.now()
gpio.mode(PIN, gpio.OUTPUT)
gpio.write(PIN, 0)
tmr.delay(2000) -- too short for it, unless the machine has stood still
gpio.write(PIN, 1)
gpio.mode(PIN, gpio.INPUT)
assert(gpio.read(PIN) == 1 or tmr.now() - start >= 18000)
part:unplug()
assert(read_bytes() == nil)
same({dht.ERROR_TIMEOUT, -999, -999, 0, 0}, dht.read(0)) -- no sensor answers on this pin

expect.raises("dht 13 does not exist", dht.read, 13)
expect.raises("bad argument #1 to 'read11' (number expected, got no value)", dht.read11)
expect.finish()
