-- What the page has set outside of each chip: levels of pins, the ADC, values of parts. It stays
-- when the script restarts or sleeps, as a switch stays in its place.
--
--   local outside = outside.new(program)
--   outside:pin(pin, level), outside:adc(value), outside:part(index, name, value)    return true, or nil and a message
--   outside:begin()    sets everything again, before a script starts

local Outside = {}
Outside.__index = Outside

-- Keeps the call to make in a later run of the same script or host. A later one with the same key
-- takes its place.
local function keep(self, key, ...)
  local name = self.program.place()
  local calls = self.calls[name] or {order = {}}
  self.calls[name] = calls
  if not calls[key] then
    calls.order[#calls.order + 1] = key
  end
  calls[key] = {...}
end

function Outside:pin(pin, level)
  local done, message = self.program.call("set_pin", pin, level)
  if done then
    keep(self, "pin " .. pin, "set_pin", pin, level)
  end
  return done, message
end

function Outside:adc(value)
  local done, message = self.program.call("set_adc", value)
  if done then
    keep(self, "adc", "set_adc", value)
  end
  return done, message
end

function Outside:part(index, name, value)
  local text, message = self.program.call("set_part", index, name, value)
  if text then
    keep(self, text .. " " .. name, "plug_part", text, name, value)
  end
  return text, message
end

function Outside:begin()
  local calls = self.calls[self.program.place()] or {order = {}}
  for _, key in ipairs(calls.order) do
    self.program.call(table.unpack(calls[key]))
  end
end

local outside = {}

function outside.new(program)
  return setmetatable({program = program, calls = {}}, Outside)
end

return outside
