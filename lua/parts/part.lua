-- The class of all parts. The file of a kind returns a class:
--
--   return part.class {
--     kind = "bme280",
--     bus = "i2c",                 -- or "spi", "ow", "pin"
--     addresses = {0x76, 0x77},    -- for I²C: the first is the default
--     pin = 8,                     -- otherwise: the default pin; for SPI, that of /CS
--     keys = "id",                 -- further settings, separated by blanks
--     wires = "int",               -- settings that are pins of the device, which the part drives
--     values = {{name = "temp", unit = "°C", default = 20, least = -40, most = 85}},
--     failures = "silent range",   -- the default; with "checksum" if the part sends one
--   }
--
-- What the part does on its bus are methods of this class; netmcu.parts.i2c and the other buses
-- list them. A class may define start(part), called when a part is created; plugged_in(part) and
-- unplugged(part), called when it is put on its bus or taken from it; changed(part), called when a
-- test or the page has set values; and for the page, picture(part), which returns a width, a height
-- and the pixels, and texts(part).
--
-- The fields of a part:
--   settings   what was plugged in, with its address or pin
--   failing    nil, or how the part fails: "silent" (it does not answer), "checksum" (its checksums
--              are wrong), "range" (its values are beyond what it can measure)

local host = require "netmcu.host"

local Part = {failures = "silent range", wires = "", values = {}}

local function raise(...)
  error(string.format(...), 0)
end

function Part.class(class)
  class.__index = class
  return setmetatable(class, {__index = Part})
end

-- --- values that several kinds have ---

function Part.temp(least, most)
  return {name = "temp", unit = "°C", default = 20, least = least, most = most}
end

function Part.humidity(least, most)
  return {name = "humidity", unit = "%", default = 50, least = least or 0, most = most or 100}
end

function Part.pressure()
  return {name = "pressure", unit = "hPa", default = 1013.25, least = 300, most = 1100}
end

-- Returns the values of three axes, with their defaults.
function Part.axes(unit, most, x, y, z)
  local axes = {}
  for i, default in ipairs {x, y, z} do
    axes[i] = {name = string.sub("xyz", i, i), unit = unit, default = default, least = -most, most = most}
  end
  return axes
end

-- --- settings ---

local function find_value(part, name)
  for _, value in ipairs(part.values) do
    if value.name == name then
      return value
    end
  end
end

local function is_word_of(list, word)
  return type(word) == "string" and string.find(" " .. list .. " ", " " .. word .. " ", 1, true) ~= nil
end

local function common_keys(class)
  local places = {i2c = "bus address", spi = "bus pin", ow = "pin", pin = "pin"}
  return places[class.bus] .. " failing csv" .. (class.keys and " " .. class.keys or "")
    .. (class.wires ~= "" and " " .. class.wires or "")
end

local function check_keys(class, settings, known, what)
  if type(settings) ~= "table" then
    raise("part %s: a table of settings expected", class.kind)
  end
  for key in pairs(settings) do
    if not is_word_of(known, key) and not find_value(class, key) then
      for _, value in ipairs(class.values) do
        known = known .. " " .. value.name
      end
      raise("part %s: there is no %s '%s'; the %ss are: %s", class.kind, what, tostring(key), what, known)
    end
  end
end

local function check_place(class, settings, key, most)
  local place = settings[key]
  if place ~= nil and not (math.type(place) == "integer" and place >= 0 and place <= most) then
    raise("part %s: %s: an integer from 0 to %d expected", class.kind, key, most)
  end
end

-- Returns a copy of the settings, with the address or the pin of a part of this class.
function Part.complete(class, settings)
  local all = {}
  for key, value in pairs(settings) do
    all[key] = value
  end
  if class.bus == "i2c" then
    all.address = all.address or class.addresses[1]
  else
    all.pin = all.pin or class.pin
    if not all.pin then
      raise("part %s: pin: missing, as in --part %s,pin=4", class.kind, class.kind)
    end
  end
  check_place(class, all, "bus", 15)
  check_place(class, all, "address", 127)
  check_place(class, all, "pin", 12)
  for key in string.gmatch(class.wires, "%w+") do
    check_place(class, all, key, 12)
  end
  return all
end

-- Raises if the part would take none of the columns of its CSV file.
local function check_columns(part, settings)
  local names = {}
  for i, value in ipairs(part.values) do
    if part.columns[value.name] or type(settings[value.name]) == "string" then
      return
    end
    names[i] = value.name
  end
  raise("part %s: csv %s: no column has the name of a value: %s", part.kind, settings.csv, table.concat(names, " "))
end

-- Returns a new part, which is not plugged in yet; netmcu.parts.init does that.
function Part.new(class, settings)
  check_keys(class, settings, common_keys(class), "setting")
  local part = setmetatable({settings = class:complete(settings), sources = {}, wired = {}}, class)
  if settings.csv ~= nil then
    part.columns = require "netmcu.parts.csv".read(part, settings.csv)
    check_columns(part, settings)
  end
  for _, value in ipairs(class.values) do
    local column = part.columns and part.columns[value.name]
    part.sources[value.name] = column or value.default
  end
  part:change(settings)
  if part.start then
    part:start()
  end
  return part
end

-- --- values ---

local function check_source(part, value, source)
  if type(source) == "number" then
    if not (source >= value.least and source <= value.most) then
      raise("part %s: %s: a value from %g to %g expected", part.kind, value.name, value.least, value.most)
    end
  elseif type(source) == "string" and part.columns then
    return part.columns[source] or raise("part %s: %s: the file has no column '%s'", part.kind, value.name, source)
  elseif type(source) ~= "function" then
    raise("part %s: %s: a number, a function, or with csv=FILE the name of a column expected", part.kind, value.name)
  end
  return source
end

local function check_failing(part, failing)
  if failing and failing ~= "none" and not is_word_of(part.failures, failing) then
    raise("part %s: failing: one of none %s expected", part.kind, part.failures)
  end
  return failing ~= "none" and failing or nil
end

-- Changes values: numbers, functions of the seconds since the start, or names of columns of the CSV
-- file. `failing` is one of the kinds of failure, or false.
function Part:set(changes)
  check_keys(self, changes, "failing", "value")
  self:change(changes)
  if self.changed then
    self:changed()
  end
end

function Part:change(changes)
  for _, value in ipairs(self.values) do
    local source = changes[value.name]
    if source ~= nil then
      self.sources[value.name] = check_source(self, value, source)
    end
  end
  if changes.failing ~= nil then
    self.failing = check_failing(self, changes.failing)
  end
end

-- Returns the seconds since the program's start, through all restarts and sleeps of the device.
local function elapsed()
  return (host.now() + (host.age or 0)) / 1e6
end

-- Returns the current number of a value, and the description of the value.
function Part:value(name)
  local value = find_value(self, name) or raise("part %s: there is no value '%s'", self.kind, tostring(name))
  if self.failing == "range" then
    return value.most + (value.most - value.least) / 4, value
  end
  local source = self.sources[name]
  local now = type(source) == "function" and source(elapsed()) or source
  if type(now) ~= "number" or now ~= now then
    raise("part %s: %s: the function has returned no number", self.kind, name)
  end
  return math.max(value.least, math.min(value.most, now)), value
end

-- --- what is printed ---

local usual_buses = {i2c = 0, spi = 1}

-- Returns where the part is: "at address 0x76", "at address 0x76 of bus 1", "on pin 4".
function Part:place()
  local settings = self.settings
  local place = settings.address and string.format("at address 0x%02x", settings.address)
    or string.format("on pin %d", settings.pin)
  local bus = settings.bus or usual_buses[self.bus]
  return place .. (bus ~= usual_buses[self.bus] and string.format(" of bus %d", bus) or "")
end

function Part:describe_values()
  local texts = {}
  for _, value in ipairs(self.values) do
    texts[#texts + 1] = string.format("%s=%g", value.name, self:value(value.name))
  end
  return #texts > 0 and " with " .. table.concat(texts, ", ") or ""
end

-- Returns an argument of --part that plugs this part in.
function Part:example()
  local value = self.values[1]
  local settings = self.settings
  return self.kind .. (settings.address and string.format(",address=0x%02x", settings.address)
    or string.format(",pin=%d", settings.pin)) .. (value and string.format(",%s=%g", value.name, value.default) or "")
end

-- --- what any part does on a bus ---

-- Returns a byte whose bits are the levels of the values name0 to name7.
function Part:levels(name)
  local byte = 0
  for i = 0, 7 do
    byte = byte | (self:value(name .. i) >= 0.5 and 1 or 0) << i
  end
  return byte
end

-- Returns a checksum as the part sends it.
function Part:checksum(sum)
  return self.failing == "checksum" and sum ~ 0xff or sum
end

-- By pin of the device: the parts with a wire to it. A part pulls its wire to 0 or lets go of it, so
-- wires may be joined.
local joined = {}

local function level_of(pin)
  local level = 1
  for part in pairs(joined[pin]) do
    for wire, own in pairs(part.wired) do
      level = part.settings[wire] == pin and own == 0 and 0 or level
    end
  end
  return level
end

-- Puts a level on the pin of the device to which this wire leads, if it leads to one.
function Part:drive(wire, level)
  local pins, pin = require "netmcu.parts.pins", self.settings[wire]
  if not pin then
    return
  end
  local before = self.wired[wire]
  self.wired[wire] = level
  joined[pin] = joined[pin] or {}
  joined[pin][self] = true
  local now = level_of(pin)
  if before ~= level or pins.levels[pin] ~= now then
    pins.drive(pin, now)
  end
end

-- Called when the part is taken away. A pin without any other wire keeps its level.
function Part:let_go()
  for wire in pairs(self.wired) do
    local pin = self.settings[wire]
    joined[pin][self] = nil
    if next(joined[pin]) then
      require "netmcu.parts.pins".drive(pin, level_of(pin))
    end
  end
  self.wired = {}
end

-- Takes the part away.
function Part:unplug()
  require "netmcu.parts.init".unplug(self)
end

return Part
