-- spi: the buses 0 and 1. The parts on them are those of netmcu.parts.spi.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.spi"
local pins = require "netmcu.parts.pins"

local spi = {
  MASTER = 1, SLAVE = 0, CPHA_LOW = 0, CPHA_HIGH = 1, CPOL_LOW = 0, CPOL_HIGH = 1, DATABITS_8 = 8, HALFDUPLEX = 0,
  FULLDUPLEX = 1,
}

local BUFFER = 512 -- bits
local PINS = {5, 6, 7, 8} -- of the bus 1; the bus 0 is that of the flash

local function new_bus()
  return {databits = 0, divider = 8, mosi = string.rep("\0", BUFFER // 8), miso = string.rep("\0", BUFFER // 8)}
end

local buses = {[0] = new_bus(), new_bus()}

local function check_bus(id, caller)
  id = argument.integer(id, 1, caller)
  if not buses[id] then
    argument.raise(string.format("spi %d does not exist", id))
  end
  return id, buses[id]
end

local function check_range(number, least, most, problem)
  if number < least or number > most then
    argument.raise(problem or "out of range")
  end
  return number
end

-- Returns an integer argument. The firmware means to check these ranges, but its checks never fail.
local function ranged(value, position, caller, least, most)
  local number = argument.integer(value, position, caller)
  argument.check(number >= least and number <= most, position, caller, "out of range")
  return number
end

local function optional(value, position, caller, default)
  return value == nil and default or argument.integer(value, position, caller)
end

-- setup(id, mode, cpol, cpha, databits, clock_div [, duplex_mode]). The clock has no effect. As on
-- the device, items have no bits, and are not sent, before setup.
function spi.setup(id, mode, cpol, cpha, databits, divider, duplex)
  local own = select(2, check_bus(id, "setup"))
  mode, cpol = argument.integer(mode, 2, "setup"), argument.integer(cpol, 3, "setup")
  cpha = argument.integer(cpha, 4, "setup")
  databits, divider = argument.integer(databits, 5, "setup"), argument.integer(divider, 6, "setup")
  duplex = optional(duplex, 7, "setup", spi.HALFDUPLEX)
  for _, flag in ipairs {mode, cpol, cpha} do
    check_range(flag, 0, 1, "wrong arg type")
  end
  check_range(databits, 0, 32)
  check_range(duplex, spi.HALFDUPLEX, spi.FULLDUPLEX)
  if id == 1 then
    pins.use("SPI", table.unpack(PINS))
  end
  own.databits, own.divider, own.duplex = databits, divider == 0 and 8 or divider, duplex
  return 1
end

function spi.set_clock_div(id, divider)
  local own = select(2, check_bus(id, "set_clock_div"))
  local old = own.divider
  own.divider = argument.integer(divider, 2, "set_clock_div")
  return old
end

-- Sends a word. Returns the bits that came back.
local function exchange(id, own, word, wants_answer)
  return own.databits > 0 and bus.exchange(id, word, own.databits, wants_answer) or 0
end

-- Sends one item. Returns how many words it has, and what came back, in the form of the item.
local function send_item(id, own, item, position)
  local function send(word) return exchange(id, own, word, own.duplex == spi.FULLDUPLEX) end
  if type(item) == "table" then
    local answer = {}
    for i = 1, #item do
      answer[i] = send(argument.integer(item[i], position, "send"))
    end
    return #item, answer
  elseif type(item) ~= "number" then
    item = argument.text(item, position, "send")
    local answer = {}
    for i = 1, #item do
      answer[i] = string.char(send(string.byte(item, i)) & 0xff)
    end
    return #item, table.concat(answer)
  end
  return 1, send(argument.integer(item))
end

-- Returns the number of words, and in full duplex what came back for each item that is not empty.
function spi.send(id, ...)
  local own
  id, own = check_bus(id, "send")
  local items = table.pack(...)
  if items.n == 0 then
    argument.raise "wrong arg type"
  end
  local count, answers = 0, {}
  for i = 1, items.n do
    local words, answer = send_item(id, own, items[i], i + 1)
    count = count + words
    answers[#answers + 1] = words > 0 and answer or nil
  end
  if own.duplex == spi.FULLDUPLEX then
    return count, table.unpack(answers)
  end
  return count
end

local MOST_BYTES = 65535 -- more than the device has memory for

-- Returns a byte for each word; nothing if there are to be none.
function spi.recv(id, size, default)
  local own
  id, own = check_bus(id, "recv")
  size = argument.integer(size, 2, "recv")
  default = optional(default, 3, "recv", -1)
  if size == 0 then
    return
  elseif size > MOST_BYTES then
    argument.raise "not enough memory"
  end
  local bytes = {}
  for i = 1, size do
    bytes[i] = string.char(exchange(id, own, default, true) & 0xff)
  end
  return table.concat(bytes)
end

-- --- transactions ---

local function get_bits(buffer, offset, count)
  local value = 0
  for at = offset, offset + count - 1 do
    value = value << 1 | string.byte(buffer, at // 8 + 1) >> 7 - at % 8 & 1
  end
  return value
end

local function set_bits(buffer, offset, count, value)
  local bytes = {string.byte(buffer, 1, -1)}
  for i = 0, count - 1 do
    local at = offset + i
    local mask = 0x80 >> at % 8
    local bit = value >> count - 1 - i & 1
    bytes[at // 8 + 1] = bytes[at // 8 + 1] & ~mask | (bit == 1 and mask or 0)
  end
  return string.char(table.unpack(bytes))
end

-- set_mosi(id, offset, bitlen, ...) or set_mosi(id, string)
function spi.set_mosi(id, offset, bitlen, ...)
  local own = select(2, check_bus(id, "set_mosi"))
  if type(offset) == "string" then
    argument.check(#offset <= BUFFER // 8, 2, "set_mosi", "out of range")
    own.mosi = offset .. string.sub(own.mosi, #offset + 1)
    return
  end
  offset = ranged(offset, 2, "set_mosi", 0, BUFFER - 1)
  bitlen = ranged(bitlen, 3, "set_mosi", 1, 32)
  local items = table.pack(...)
  check_range(offset + bitlen * items.n, 0, BUFFER, "data range exceeded > 512 bits")
  for i = 1, items.n do
    own.mosi = set_bits(own.mosi, offset + (i - 1) * bitlen, bitlen, argument.integer(items[i], i + 3, "set_mosi"))
  end
end

-- get_miso(id, offset, bitlen, num) or get_miso(id, num)
function spi.get_miso(id, offset, bitlen, count)
  local own = select(2, check_bus(id, "get_miso"))
  if bitlen == nil then
    return string.sub(own.miso, 1, ranged(offset, 2, "get_miso", 1, BUFFER // 8))
  end
  offset, bitlen = ranged(offset, 2, "get_miso", 0, BUFFER - 1), ranged(bitlen, 3, "get_miso", 1, 32)
  count = check_range(argument.integer(count, 4, "get_miso"), 0, (BUFFER - offset) // bitlen)
  local items = {}
  for i = 1, count do
    items[i] = get_bits(own.miso, offset + (i - 1) * bitlen, bitlen)
  end
  return table.unpack(items)
end

-- The part sees all phases as one transfer, in words of up to 8 bits. A negative number of bits to
-- read means full duplex: the bits come back while the MOSI phase is sent.
local function run_phases(id, phases)
  local stream = {}
  for _, phase in ipairs(phases) do
    for i = phase.bits - 1, 0, -1 do
      stream[#stream + 1] = phase.get and phase.get(phase.bits - 1 - i) or phase.value >> i & 1
    end
  end
  return bus.exchange_bits(id, stream)
end

function spi.transaction(id, command_bits, command, address_bits, address, mosi_bits, dummy_bits, miso_bits)
  local own
  id, own = check_bus(id, "transaction")
  local function bits(value, position, least, most) return ranged(value, position, "transaction", least, most) end
  command_bits, command = bits(command_bits, 2, 0, 16), argument.integer(command, 3, "transaction")
  address_bits, address = bits(address_bits, 4, 0, 32), argument.integer(address, 5, "transaction")
  mosi_bits, dummy_bits = bits(mosi_bits, 6, 0, BUFFER), bits(dummy_bits, 7, 0, 256)
  miso_bits = bits(miso_bits, 8, -BUFFER, BUFFER)
  local answers = run_phases(id, {
    {bits = command_bits, value = command}, {bits = address_bits, value = address},
    {bits = mosi_bits, get = function(i) return get_bits(own.mosi, i, 1) end},
    {bits = dummy_bits, value = 0}, {bits = math.max(0, miso_bits), value = 0},
  })
  local start = command_bits + address_bits + (miso_bits > 0 and mosi_bits + dummy_bits or 0)
  for i = 0, math.min(math.abs(miso_bits), #answers - start) - 1 do
    own.miso = set_bits(own.miso, i, 1, answers[start + i + 1])
  end
end

return {api = spi}
