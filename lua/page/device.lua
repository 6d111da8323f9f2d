-- What the page sees and does in the script's Lua state. lua/runner/page.c calls these functions
-- between two events of the script.
--
--   look()                         returns the pins, the ADC, the parts and the prompt, as JSON text
--   picture(index)                 returns what a part shows: the width, the height, and three bytes for each pixel
--   set_pin(pin, level)            puts a level on a pin from outside, as a button does
--   set_adc(value)
--   set_part(index, name, value)   changes a value of a part; returns how to plug the part in, as JSON text
--   plug_part(text, name, value)   does so for a part of an earlier run, which set_part has described
--   input(line)                    runs a line at the prompt
-- The other functions return true.

local adc = require "netmcu.device.adc"
local gpio = require "netmcu.device.gpio"
local parts = require "netmcu.parts.init"
local wires = require "netmcu.parts.pins"
local sjson = require "netmcu.device.sjson".api

local PINS = 13

local device = {}
local prompt -- once the page has used it

local function look_at_pins()
  local pins = {}
  for pin = 0, PINS - 1 do
    local mode, pull = gpio.control.mode(pin)
    local frequency, duty = gpio.control.signal(pin)
    pins[pin + 1] = {mode, pull, gpio.api.read(pin), frequency or 0, duty or 0, wires.users[pin]}
  end
  return pins
end

local function look_at_values(part)
  local values = {}
  for i, value in ipairs(part.values) do
    local done, now = pcall(part.value, part, value.name)
    values[i] = {
      name = value.name, unit = value.unit, least = value.least, most = value.most, detent = value.detent,
      now = done and now or nil,
    }
  end
  return values
end

-- Any number of 1-Wire parts share a pin, so only the ROM tells them apart.
local function place_of(part)
  return part:place() .. (part.rom and ", ROM" .. string.gsub(part.rom, ".", function(byte)
    return string.format(" %02x", string.byte(byte))
  end) or "")
end

local function look_at_parts()
  local list = {}
  for i, part in ipairs(parts.list()) do
    list[i] = {
      kind = part.kind, place = place_of(part), failing = part.failing or "none", failures = part.failures,
      values = look_at_values(part), texts = part.texts and part:texts() or {}, has_picture = part.picture ~= nil,
    }
  end
  return list
end

function device.look()
  return sjson.encode {
    pins = look_at_pins(),
    adc = adc.api.read(0),
    parts = look_at_parts(),
    prompt = prompt and prompt.text() or "> ",
  }
end

local function part_at(index)
  return parts.list()[index] or error("there is no such part any more", 0)
end

function device.picture(index)
  local width, height, pixels = part_at(index):picture()
  local texts = {} -- the three bytes of each colour; not kept, as there could be millions in time
  local rows = {string.pack(">I2I2", width, height)}
  for i, pixel in ipairs(pixels) do
    texts[pixel] = texts[pixel] or string.pack(">I3", pixel)
    rows[i + 1] = texts[pixel]
  end
  return table.concat(rows)
end

function device.set_part(index, name, value)
  local part = part_at(index)
  local places = {kind = part.kind, place = place_of(part)}
  for key in string.gmatch("bus address pin " .. part.wires, "%w+") do
    places[key] = part.settings[key]
  end
  places.id = part.rom and string.unpack("<I6", part.rom, 2) -- between the family and the checksum
  part:set {[name] = value}
  return sjson.encode(places)
end

function device.plug_part(text, name, value)
  local settings = sjson.decode(text)
  local kind, place = settings.kind, settings.place
  settings.kind, settings.place = nil, nil
  for _, part in ipairs(parts.list()) do
    if part.kind == kind and place_of(part) == place then
      part:set {[name] = value}
      return true
    end
  end
  parts.plug(kind, settings):set {[name] = value}
  return true
end

function device.set_pin(pin, level)
  gpio.control.set(pin, level)
  return true
end

function device.set_adc(value)
  adc.control.set(value)
  return true
end

function device.input(line)
  prompt = require "netmcu.device.prompt"
  prompt.show_elsewhere()
  prompt.input(line .. "\n")
  return true
end

return device
