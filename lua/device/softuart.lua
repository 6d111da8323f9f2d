-- softuart: serial lines on pins. They transfer bytes, not levels of the pins.
--
-- Tests use netmcu.softuart: send(pin, bytes) sends to a pin that receives, on(pin, fn) calls
-- fn(bytes) for what a script writes to a pin.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local pins = require "netmcu.parts.pins"

local softuart = {}

local BUFFER = 128
local OUTPUT, INT, PULLUP, HIGH = 1, 3, 1, 1
local MOST_BAUD = 230400

local Port = {__name = "softuart.port"}
Port.__index = Port

-- The ports, by the pin that receives. As on the device, a port that the script drops is released.
local receivers = setmetatable({}, {__mode = "v"})
local listeners = {} -- the functions of the tests, by the pin that sends

local function is_number(value)
  return tonumber(value) ~= nil
end

local function check_pin(pin, direction)
  if not is_number(pin) then
    return nil
  end
  pin = argument.integer(pin) & 0xff
  if pin == 0 or not pins.exists(pin) then
    argument.raise("SoftUART " .. direction .. " GPIO not valid")
  end
  return pin
end

function softuart.setup(baud, sending, receiving)
  if not is_number(baud) then
    argument.raise "Invalid argument type"
  end
  baud = argument.integer(baud)
  if baud <= 0 or baud > MOST_BAUD then
    argument.raise "Invalid baud rate"
  end
  sending, receiving = check_pin(sending, "tx"), check_pin(receiving, "rx")
  if receiving and receivers[receiving] then
    argument.raise "SoftUART rx already configured on the pin."
  end
  local port = setmetatable({baud = baud, sending = sending, receiving = receiving, received = ""}, Port)
  if sending then
    pins.set_mode(sending, OUTPUT, PULLUP)
    pins.write(sending, HIGH)
  end
  if receiving then
    pins.set_mode(receiving, INT, PULLUP)
    receivers[receiving] = port
  end
  return port
end

-- Returns the number of bytes, or the byte, that completes a piece.
local function check_trigger(wanted)
  if type(wanted) == "number" then
    wanted = argument.integer(wanted) & 0xffff
    if wanted > BUFFER then
      argument.raise "Argument bigger than SoftUART buffer"
    end
    return wanted == 0 and "\0" or wanted
  elseif type(wanted) ~= "string" then
    argument.raise "Wrong argument type"
  elseif #wanted ~= 1 then
    argument.raise "Wrong end char length"
  end
  return wanted
end

-- on("data", number | character [, fn])
function Port:on(event, wanted, fn)
  argument.object(self, Port, "on")
  event = argument.text(event, 1, "on")
  wanted = check_trigger(wanted)
  if event ~= "data" then
    argument.raise "Method not supported"
  elseif not self.receiving then
    argument.raise "Rx pin was not declared"
  end
  self.wanted, self.fn = wanted, type(fn) == "function" and fn or nil
end

function Port:write(data)
  argument.object(self, Port, "write")
  if not self.sending then
    argument.raise "Tx pin was not declared"
  elseif type(data) == "number" then
    data = argument.integer(data)
    if data < 0 or data > 255 then
      argument.raise "Integer too large for a byte"
    end
    data = string.char(data)
  elseif type(data) ~= "string" then
    argument.raise "Wrong argument type"
  end
  if listeners[self.sending] then
    listeners[self.sending](data)
  end
end

local function is_complete(port, byte)
  if type(port.wanted) == "number" then
    return #port.received >= port.wanted
  end
  return byte == port.wanted
end

-- Bytes after a complete piece wait for the callback of that piece. On the device they are lost,
-- unless the callback is quick.
local function receive(port, bytes)
  for i = 1, #bytes do
    local byte = string.sub(bytes, i, i)
    if #port.received < BUFFER then
      port.received = port.received .. byte
    end
    if port.fn and is_complete(port, byte) then
      local piece, fn = port.received, port.fn
      port.received = ""
      host.post(function() fn(piece) end)
    end
  end
end

local control = {}

-- Returns whether a port receives on this pin.
function control.send(pin, bytes)
  local port = receivers[argument.integer(pin, 1, "send")]
  bytes = argument.text(bytes, 2, "send")
  if port and port.fn then
    receive(port, bytes)
  end
  return port ~= nil and port.fn ~= nil
end

function control.on(pin, fn)
  listeners[argument.integer(pin, 1, "on")] = fn
end

return {api = softuart, control = control}
