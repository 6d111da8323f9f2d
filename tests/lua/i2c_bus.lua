-- The transfers of drivers that use the module i2c themselves, on bus 0.

local BUS = 0

local i2c_bus = {}

-- Returns whether the part has acknowledged its address.
function i2c_bus.write(address, ...)
  i2c.start(BUS)
  local answer = i2c.address(BUS, address, i2c.TRANSMITTER)
  i2c.write(BUS, ...)
  i2c.stop(BUS)
  return answer
end

function i2c_bus.read(address, count)
  i2c.start(BUS)
  i2c.address(BUS, address, i2c.RECEIVER)
  local bytes = i2c.read(BUS, count)
  i2c.stop(BUS)
  return bytes
end

-- Reads registers, after their number was written in a transfer of its own.
function i2c_bus.registers(address, register, count)
  i2c_bus.write(address, register)
  return i2c_bus.read(address, count)
end

return i2c_bus
