-- What all strips of LEDs have in common. A strip keeps the bytes of its LEDs; `order` says what
-- they mean, such as "grb" or, with a white LED, "grbw". In the order "ibgr", the first byte is the
-- brightness, from 0 to 31.

local Screen = require "netmcu.parts.screen"

local MOST_LEDS = 8192

local Strip = Screen.class {keys = "leds order", order = "grb"}

-- Returns a class of strips; see Part.class.
function Strip.class(class)
  class.bus, class.__index = "pin", class
  return setmetatable(class, {__index = Strip})
end

local function check_settings(part)
  local leds, order = part.settings.leds, part.settings.order
  if leds ~= nil and not (math.type(leds) == "integer" and leds >= 1 and leds <= MOST_LEDS) then
    error(string.format("part %s: leds: an integer from 1 to 8192 expected", part.kind), 0)
  elseif order ~= nil and not (type(order) == "string" and string.find(order, "^[irgbw]+$")
    and string.find(order, "r") and string.find(order, "g") and string.find(order, "b")) then
    error(string.format("part %s: order: an order of r, g, b and w expected, such as %s", part.kind, part.order), 0)
  end
end

-- Without the setting `leds`, the strip is as long as the longest data that a script has sent to
-- it.
function Strip:start()
  check_settings(self)
  self.order, self.data = self.settings.order or self.order, ""
end

-- Takes the bytes of a transfer. The LEDs behind them keep their colours. `depth` is the number of
-- bytes of an LED, if the sender knows it.
function Strip:write(bytes, depth)
  if self.failing == "silent" then
    return
  end
  if depth and depth ~= #self.order and not self.settings.order then
    self.order = depth == 4 and "grbw" or self.order
  end
  local size = (self.settings.leds or MOST_LEDS) * #self.order
  self.data = string.sub(bytes, 1, size) .. string.sub(self.data, #bytes + 1)
end

-- Sets the bytes of an LED, counted from 1.
function Strip:put(i, bytes)
  local before = (i - 1) * #self.order
  if i <= (self.settings.leds or MOST_LEDS) then
    self.data = string.sub(self.data .. string.rep("\0", before - #self.data), 1, before) .. bytes
      .. string.sub(self.data, before + #bytes + 1)
  end
end

-- Returns the number of LEDs.
function Strip:count()
  return self.settings.leds or #self.data // #self.order
end

-- Returns red, green, blue, and white or the brightness, of an LED, counted from 1.
function Strip:led(i)
  local values, depth = {}, #self.order
  for channel = 1, depth do
    local byte = string.byte(self.data, (i - 1) * depth + channel)
    values[string.sub(self.order, channel, channel)] = byte or 0
  end
  return values.r, values.g, values.b, values.w or values.i and values.i & 31
end

function Strip:size()
  return self:count(), 1
end

-- White adds to the colours; a brightness scales them.
function Strip:pixel(x)
  local red, green, blue, more = self:led(x + 1)
  local has_white = string.find(self.order, "w", 1, true)
  local function level(byte)
    return has_white and math.min(255, byte + more) or more and byte * more // 31 or byte
  end
  return level(red) << 16 | level(green) << 8 | level(blue)
end

return Strip
