-- The I²C buses: conditions and bytes, as the chip sends them, and the parts that answer.
--
-- What the class of an I²C part defines:
--   begin(part, is_read)    its address was sent; false: it does not acknowledge
--   receive(part, byte)     false: it does not acknowledge the byte
--   send(part)              returns the next byte
--   finish(part)            a stop or repeated start condition
--   general_call(part, byte)   a byte to address 0, which is that of all parts
-- A part that consists of registers can take these from netmcu.parts.registers.

local parts = require "netmcu.parts.init"

local i2c = {}

-- By bus: the part that has acknowledged its address, and whether it sends.
local selected, is_sending = {}, {}

function i2c.start(bus)
  local part = selected[bus]
  selected[bus] = nil
  if part and part.finish then
    part:finish()
  end
end

i2c.stop = i2c.start

-- Returns a substitute for all parts of a bus that understand a general call, which is a write to
-- address 0. Returns nil if no part does.
local function general_call(bus)
  local listeners = {}
  for _, part in ipairs(parts.list()) do
    if part.bus == "i2c" and (part.settings.bus or bus) == bus and part.general_call and part.failing ~= "silent" then
      listeners[#listeners + 1] = part
    end
  end
  return listeners[1] and {
    begin = function() end,
    receive = function(_, byte)
      for _, part in ipairs(listeners) do
        part:general_call(byte)
      end
    end,
  }
end

-- Returns whether a part has acknowledged.
function i2c.address(bus, address, is_read)
  local part = address == 0 and not is_read and general_call(bus) or parts.on_i2c(bus, address)
  if part == nil or part.failing == "silent" then
    return false
  end
  for other, its_part in pairs(selected) do
    if its_part == part then
      i2c.stop(other) -- a part without a bus of its own takes part in one transfer at a time
    end
  end
  if part:begin(is_read) == false then
    return false
  end
  selected[bus], is_sending[bus] = part, is_read
  return true
end

-- Returns whether the part has acknowledged the byte. A part that sends does not listen.
function i2c.write(bus, byte)
  local part = selected[bus]
  return part ~= nil and not is_sending[bus] and part:receive(byte) ~= false
end

-- Returns a string of bytes. A bus that nothing drives reads as ones.
function i2c.read(bus, count)
  local part = selected[bus]
  if part == nil or not is_sending[bus] then
    return string.rep("\xff", count)
  elseif part.send_all then
    return part:send_all(count)
  end
  local bytes = {}
  for i = 1, count do
    bytes[i] = string.char(part:send() & 0xff)
  end
  return table.concat(bytes)
end

-- --- what the modules of sensors do ---

-- Writes bytes to a part. Returns whether it has acknowledged them all.
function i2c.send(bus, address, ...)
  i2c.start(bus)
  local is_taken = i2c.address(bus, address, false)
  for i = 1, select("#", ...) do
    is_taken = is_taken and i2c.write(bus, (select(i, ...)))
  end
  i2c.stop(bus)
  return is_taken
end

-- Reads bytes from a part. Returns nil if it does not acknowledge.
function i2c.receive(bus, address, count)
  i2c.start(bus)
  local bytes = i2c.address(bus, address, true) and i2c.read(bus, count) or nil
  i2c.stop(bus)
  return bytes
end

-- Reads registers: writes the number of the first one, then reads. Returns nil if the part does not
-- acknowledge.
function i2c.registers(bus, address, first, count)
  return i2c.send(bus, address, first) and i2c.receive(bus, address, count)
end

-- --- parts that a test builds ---

local Attached = require "netmcu.parts.part".class {kind = "i2c", bus = "i2c", addresses = {}, failures = "silent"}

function Attached:begin()
  self.written = {}
end

function Attached:receive(byte)
  self.written[#self.written + 1] = string.char(byte)
end

function Attached:finish()
  local data = table.concat(self.written)
  self.written = {}
  if data ~= "" and self.write then
    self.write(data)
  end
end

-- Returns the bytes of read(count), filled up with ones.
function Attached:send_all(count)
  local data = self.read and self.read(count) or ""
  return string.sub(data .. string.rep("\xff", count), 1, count)
end

-- Puts a part on a bus: write(data) is called at the end of each transfer to the part, with all its
-- bytes; read(count) returns the bytes of a transfer from it. Returns the part.
function i2c.attach(bus, address, functions)
  local part = Attached:new {bus = bus, address = address}
  part.read, part.write = functions.read, functions.write
  return parts.add(part)
end

return i2c
