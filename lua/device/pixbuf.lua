-- pixbuf: buffers of the bytes for a strip of LEDs. ws2812.newBuffer makes the same buffers.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"

local pixbuf = {FADE_IN = 1, FADE_OUT = 0, SHIFT_LOGICAL = 0, SHIFT_CIRCULAR = 1}

local MOST_LEDS, MOST_CHANNELS = 8192, 32

-- `bytes` is a list of `count` times `depth` bytes.
local Buffer = {__name = "pixbuf.buf"}
Buffer.__index = Buffer

local function new(count, depth, bytes)
  if count > MOST_LEDS or depth > MOST_CHANNELS then
    argument.raise "pixbuf size limits exeeded"
  end
  bytes = bytes or {}
  for i = #bytes + 1, count * depth do
    bytes[i] = 0
  end
  return setmetatable({count = count, depth = depth, bytes = bytes}, Buffer)
end

local function is_buffer(value)
  return getmetatable(value) == Buffer
end

local function check(value, position, caller)
  return is_buffer(value) and value or argument.fail_type(value, position, caller, Buffer.__name)
end

function pixbuf.newBuffer(count, depth)
  count, depth = argument.integer(count, 1, "newBuffer"), argument.integer(depth, 2, "newBuffer")
  argument.check(count > 0, 1, "newBuffer", "should be a positive integer")
  argument.check(depth > 0, 2, "newBuffer", "should be a positive integer")
  return new(count, depth)
end

-- Returns a position from 1 to `count`; a negative one counts from the end.
local function place(position, count)
  position = position < 0 and position + count + 1 or position
  return math.min(math.max(position, 1), count)
end

local function optional(value, default, position, caller)
  return value == nil and default or argument.integer(value, position, caller)
end

-- Returns the index of the first byte of an LED.
local function start_of(self, led, caller)
  argument.object(self, Buffer, caller)
  led = argument.integer(led, 1, caller)
  argument.check(led >= 1 and led <= self.count, 1, caller, "index out of range")
  return (led - 1) * self.depth + 1
end

function Buffer:size()
  return argument.object(self, Buffer, "size").count
end

function Buffer:channels()
  return argument.object(self, Buffer, "channels").depth
end

function Buffer:dump()
  return string.char(table.unpack(argument.object(self, Buffer, "dump").bytes))
end

function Buffer:get(led)
  local start = start_of(self, led, "get")
  return table.unpack(self.bytes, start, start + self.depth - 1)
end

local function check_bytes(self, start, text)
  if start - 1 + #text > #self.bytes then
    argument.raise "string size will exceed strip length"
  elseif #text % self.depth ~= 0 then
    argument.raise "string does not contain whole LEDs"
  end
  return {string.byte(text, 1, -1)}
end

-- Returns the bytes of one LED, which are the arguments.
local function bytes_of(depth, first, caller, ...)
  local values, bytes = {...}, {}
  for i = 1, depth do
    bytes[i] = argument.integer(values[i], first + i - 1, caller) & 255
  end
  return bytes
end

-- Returns the bytes of one LED, which a table contains. An entry that is not a number is 0.
local function bytes_in(depth, values)
  local bytes = {}
  for i = 1, depth do
    bytes[i] = argument.optional_integer(values[i], 0) & 255
  end
  return bytes
end

function Buffer:set(led, color, ...)
  local start = start_of(self, led, "set")
  local bytes
  if type(color) == "string" then
    bytes = check_bytes(self, start, color)
  elseif type(color) == "table" then
    bytes = bytes_in(self.depth, color)
  else
    argument.check(select("#", ...) < self.depth, self.depth + 1, "set", "extra values given")
    bytes = bytes_of(self.depth, 2, "set", color, ...)
  end
  table.move(bytes, 1, #bytes, start, self.bytes)
  return self
end

function Buffer:fill(...)
  argument.object(self, Buffer, "fill")
  argument.check(select("#", ...) == self.depth, 1, "fill", "need as many values as colors per pixel")
  local color = bytes_of(self.depth, 1, "fill", ...)
  for i = 1, #self.bytes do
    self.bytes[i] = color[(i - 1) % self.depth + 1]
  end
  return self
end

-- Multiplies or divides every `step`th byte.
local function fade(self, factor, direction, step, caller)
  argument.object(self, Buffer, caller)
  factor = argument.integer(factor, 1, caller)
  direction = optional(direction, pixbuf.FADE_OUT, 2, caller)
  argument.check(factor > 0, 1, caller, "fade value should be a strictly positive int")
  local bytes = self.bytes
  for i = 1, #bytes, step do
    bytes[i] = direction == pixbuf.FADE_OUT and bytes[i] // factor or math.min(255, bytes[i] * math.min(factor, 255))
  end
end

function Buffer:fade(factor, direction)
  fade(self, factor, direction, 1, "fade")
end

function Buffer:fadeI(factor, direction)
  fade(self, factor, direction, is_buffer(self) and self.depth, "fadeI")
end

function Buffer:power()
  local total = 0
  for _, byte in ipairs(argument.object(self, Buffer, "power").bytes) do
    total = total + byte
  end
  return total
end

-- The first channel scales the others.
function Buffer:powerI()
  local depth, bytes = argument.object(self, Buffer, "powerI").depth, self.bytes
  local total = 0
  for start = 1, #bytes, depth do
    for i = start + 1, start + depth - 1 do
      total = total + bytes[start] * bytes[i]
    end
  end
  return total
end

function Buffer:replace(source, offset)
  argument.object(self, Buffer, "replace")
  local start = place(optional(offset, 1, 2, "replace"), self.count)
  local depth = self.depth
  if type(source) ~= "string" then
    local same = check(source, 1, "replace").depth == depth
    argument.check(same, 1, "replace", "buffers have different channels")
    source = source:dump()
  end
  local count = #source // depth
  argument.check(count + start - 1 <= self.count, 1, "replace", "does not fit into destination")
  table.move({string.byte(source, 1, count * depth)}, 1, count * depth, (start - 1) * depth + 1, self.bytes)
end

function Buffer:sub(from, to)
  argument.object(self, Buffer, "sub")
  from = place(argument.integer(from, 1, "sub"), self.count)
  to = place(optional(to, -1, 2, "sub"), self.count)
  local first, last = (from - 1) * self.depth + 1, to * self.depth
  local count = math.max(0, math.min(self.count, to - from + 1))
  return new(count, self.depth, table.move(self.bytes, math.max(first, 1), last, 1, {}))
end

function Buffer.__concat(a, b)
  check(a, 1, "concat")
  check(b, 2, "concat")
  argument.check(a.depth == b.depth, 1, "concat", "can only concatenate buffers with same channel count")
  local bytes = {table.unpack(a.bytes)}
  return new(a.count + b.count, a.depth, table.move(b.bytes, 1, #b.bytes, #bytes + 1, bytes))
end

function Buffer.__eq(a, b)
  return is_buffer(a) and is_buffer(b) and a.depth == b.depth and a:dump() == b:dump()
end

function Buffer:__tostring()
  local leds = {}
  for i = 1, self.count do
    leds[i] = string.format("(%s)", table.concat(self.bytes, ",", (i - 1) * self.depth + 1, i * self.depth))
  end
  return string.format("[%s]", table.concat(leds, ","))
end

function Buffer:shift(by, kind, from, to)
  argument.object(self, Buffer, "shift")
  by, kind = argument.integer(by, 1, "shift"), optional(kind, pixbuf.SHIFT_LOGICAL, 2, "shift")
  from = place(optional(from, 1, 3, "shift"), self.count)
  to = place(optional(to, -1, 4, "shift"), self.count)
  local is_circular = kind == pixbuf.SHIFT_CIRCULAR
  argument.check(is_circular or kind == pixbuf.SHIFT_LOGICAL, 2, "shift", "invalid shift type")
  argument.check(from >= 1, 3, "shift", "start position must be >= 1")
  argument.check(to >= from, 4, "shift", "end position must be >= start")
  argument.check(by >= -self.count and by <= self.count, 1, "shift", "shifting more elements than buffer size")
  local window = (to - from + 1) * self.depth
  by = by * self.depth
  argument.check(by >= -window and by <= window, 1, "shift", "shifting more than sliced window")
  local first = (from - 1) * self.depth + 1
  local before = table.move(self.bytes, first, first + window - 1, 0, {})
  for i = 0, window - 1 do
    self.bytes[first + i] = is_circular and before[(i - by) % window] or before[i - by] or 0
  end
end

local function shaped(self, sources, i, caller)
  local factor, source = argument.integer(sources[i], i, caller), check(sources[i + 1], i + 1, caller)
  local same = source.count == self.count and source.depth == self.depth
  argument.check(same, i + 1, caller, "buffer not same size or shape")
  return {factor = factor, bytes = source.bytes}
end

-- Reads the factors and buffers of a mix. The bytes are copied, as the buffer itself may be a
-- source.
local function sources_of(self, caller, ...)
  argument.object(self, Buffer, caller)
  local arguments, sources = {...}, {}
  for i = 1, select("#", ...) - 1, 2 do
    sources[#sources + 1] = shaped(self, arguments, i, caller)
  end
  return sources
end

function Buffer:mix(...)
  local sources, bytes = sources_of(self, "mix", ...), {}
  for i = 1, sources[1] and #self.bytes or 0 do
    local sum = 128 -- to round
    for _, source in ipairs(sources) do
      sum = sum + source.bytes[i] * source.factor
    end
    bytes[i] = math.max(0, math.min(255, sum // 256))
  end
  self.bytes = sources[1] and bytes or self.bytes
  return self
end

-- Returns the lowest intensity, of 5 bits, at which an LED can be this bright, and its colour.
local function intense(sums)
  local brightest = math.max(0, table.unpack(sums))
  if brightest == 0 then
    return 0, 0, 0, 0
  end
  local intensity = brightest <= 1 << 16 and 1 or math.min(31, (brightest >> 16) + 1)
  for i, sum in ipairs(sums) do
    sums[i] = math.max(0, math.min(255, (sum + 256 * intensity - 127) // (256 * intensity)))
  end
  return intensity, table.unpack(sums)
end

function Buffer:mix4I5(...)
  local sources, bytes = sources_of(self, "mix4I5", ...), {}
  argument.check(not sources[1] or self.depth == 4, 1, "mix4I5", "Requires 4 channel pixbuf")
  for start = 1, sources[1] and #self.bytes or 0, 4 do
    local sums = {0, 0, 0}
    for _, source in ipairs(sources) do
      for i = 1, 3 do
        sums[i] = sums[i] + source.bytes[start + i] * source.bytes[start] * source.factor
      end
    end
    bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3] = intense(sums)
  end
  self.bytes = sources[1] and bytes or self.bytes
  return self
end

local function append(bytes, buffer, led)
  return table.move(buffer.bytes, (led - 1) * buffer.depth + 1, led * buffer.depth, #bytes + 1, bytes)
end

-- map(f [, buffer1 [, from [, to [, buffer2 [, from2]]]]])
function Buffer:map(fn, source, from, to, second, second_from)
  argument.object(self, Buffer, "map")
  argument.typed(fn, 1, "map", "function")
  source = is_buffer(source) and source or self
  from = place(optional(from, 1, 3, "map"), source.count)
  to = place(optional(to, source.count, 4, "map"), source.count)
  argument.check(to > from, 2, "map", "Buffer limits out of order")
  argument.check(to - from + 1 == self.count, 1, "map", "Output buffer wrong size")
  second = is_buffer(second) and second or nil
  second_from = second and place(optional(second_from, 1, 6, "map"), second.count)
  local fits = not second or second_from + self.count - 1 <= second.count
  argument.check(fits, 5, "map", "Second buffer too short")
  for i = 0, self.count - 1 do
    local color = append({}, source, from + i)
    if second then
      append(color, second, second_from + i)
    end
    color = bytes_of(self.depth, 1, "map", fn(table.unpack(color)))
    table.move(color, 1, self.depth, i * self.depth + 1, self.bytes)
  end
  return self
end

-- Older firmware: sends the buffer, as ws2812.write(buffer) does.
function Buffer:write()
  device.module "ws2812".write(argument.object(self, Buffer, "write"))
end

return {api = pixbuf, is_buffer = is_buffer}
