-- i2c: the buses 0 to 9 in software, which transfer at once, and the buses HW0 and HW1 of the
-- ESP32's firmware, which queue all calls until i2c.transfer. The parts on them are those of
-- netmcu.parts.i2c.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local host = require "netmcu.host"
local pins = require "netmcu.parts.pins"

local i2c = {
  TRANSMITTER = 0, RECEIVER = 1, SLOW = 100000, FAST = 400000, FASTPLUS = 1000000, SW = 0, HW0 = 10, HW1 = 11,
}

local configured, queues = {}, {} -- by the number of the bus

local function check_bus(id, caller)
  id = argument.integer(id, 1, caller)
  if id < 0 or id > i2c.HW1 then
    argument.raise(string.format("i2c %d does not exist", id))
  end
  return id
end

local function check_pin(pin, position)
  pin = argument.integer(pin, position, "setup")
  if pin < 0 or pin > 12 then
    argument.raise(string.format("gpio %d does not exist", pin))
  end
  return pin
end

local CPU_HZ, TIMEOUT = 80000000, 8 -- the ESP32's hardware waits for this many cycles of SCL

-- setup(id, sda, scl, speed [, stretch]) returns the speed of a bus in software, and the timeout of
-- a bus in hardware, in cycles of the CPU. Neither has an effect here.
function i2c.setup(id, sda, scl, speed, stretch)
  id = check_bus(id, "setup")
  sda = check_pin(sda, 2)
  scl = check_pin(scl, 3)
  if sda == 0 then
    argument.raise "i2c SDA on D0 is not supported"
  end
  speed = argument.integer(speed, 4, "setup")
  if speed <= 0 then
    argument.raise "wrong arg range"
  end
  configured[id] = true
  pins.use("I2C", sda, scl)
  queues[id] = id >= i2c.HW0 and {} or nil
  return queues[id] and CPU_HZ * TIMEOUT // speed * argument.optional_integer(stretch, 1) or speed
end

-- Does something on the bus and returns the result, or queues it and returns the other values.
local function perform(id, step, ...)
  if not queues[id] then
    return step()
  end
  table.insert(queues[id], step)
  return ...
end

function i2c.start(id)
  id = check_bus(id, "start")
  if not configured[id] then
    argument.raise(string.format("i2c %d is not configured", id))
  end
  perform(id, function() bus.start(id) end)
end

function i2c.stop(id)
  id = check_bus(id, "stop")
  perform(id, function() bus.stop(id) end)
end

-- A step of a queue that returns false ends the transfer, unless the script has turned the check
-- off.
local function unless_unchecked(check, is_taken)
  return is_taken or check == false
end

function i2c.address(id, address, direction, check)
  id = check_bus(id, "address")
  address, direction = argument.integer(address, 2, "address"), argument.integer(direction, 3, "address")
  if address < 0 or address > 127 then
    argument.raise "wrong arg range"
  end
  return perform(id, function()
    return unless_unchecked(check, bus.address(id, address, direction ~= i2c.TRANSMITTER))
  end, true)
end

local function check_byte(byte)
  byte = argument.integer(byte, 2, "write")
  if byte < 0 or byte > 255 then
    argument.raise "wrong arg range"
  end
  return byte
end

-- Adds the bytes of a number, a table or a string.
local function add_bytes(bytes, item, position)
  if type(item) == "number" then
    bytes[#bytes + 1] = check_byte(item)
  elseif type(item) == "table" then
    for i = 1, #item do
      bytes[#bytes + 1] = check_byte(item[i])
    end
  else
    item = argument.text(item, position, "write")
    for i = 1, #item do
      bytes[#bytes + 1] = string.byte(item, i)
    end
  end
end

-- Returns how many bytes were acknowledged.
local function write_bytes(id, bytes)
  for i, byte in ipairs(bytes) do
    if not bus.write(id, byte) then
      return i - 1
    end
  end
  return #bytes
end

function i2c.write(id, ...)
  id = check_bus(id, "write")
  local items = table.pack(...)
  local check = items[items.n]
  if type(check) == "boolean" and queues[id] then
    items.n = items.n - 1
  end
  if items.n == 0 then
    argument.raise "wrong arg type"
  end
  local bytes = {}
  for i = 1, items.n do
    add_bytes(bytes, items[i], i + 1)
  end
  if not queues[id] then
    return write_bytes(id, bytes)
  end
  return perform(id, function() return unless_unchecked(check, write_bytes(id, bytes) == #bytes) end, #bytes)
end

local MOST_BYTES = 65535 -- more than any part has, and than the device has memory for

function i2c.read(id, size)
  id = check_bus(id, "read")
  size = argument.integer(size, 2, "read")
  if size == 0 then
    return
  elseif size < 0 or size > MOST_BYTES then
    argument.raise "not enough memory"
  end
  return perform(id, function() return bus.read(id, size) end)
end

-- Runs a queue up to a byte that is not acknowledged. Returns what was read, and whether all bytes
-- were acknowledged.
local function run_queue(id, steps)
  local data
  for _, step in ipairs(steps) do
    local result = step()
    if result == false then
      bus.stop(id)
      return nil, false
    elseif type(result) == "string" then
      data = result
    end
  end
  return data, true
end

-- transfer(id [, callback] [, timeout]). The callback comes in the next iteration of the loop.
function i2c.transfer(id, callback)
  id = check_bus(id, "transfer")
  local steps = queues[id]
  if not steps then
    argument.raise(string.format("i2c %d is not a hardware interface", id))
  end
  queues[id] = {}
  if type(callback) ~= "function" then
    return run_queue(id, steps)
  end
  host.post(function() callback(run_queue(id, steps)) end)
end

return {api = i2c}
