-- The parts on the pins and buses of the device: sensors, displays, strips of LEDs.
--
-- A test, the command line or the page plugs parts in. If no part was plugged in, a plausible
-- default answers, and a line says so; in strict mode, the buses are empty. The device's modules
-- (i2c, ow, dht …) reach the parts through the buses netmcu.parts.i2c, .spi, .ow and .pins. A
-- script that drives a sensor by raw calls therefore sees the same part as one that uses the
-- sensor's module.
--
-- A kind of part is a file, netmcu.parts.KIND, which returns the class of its parts (see part.lua).

local host = require "netmcu.host"

local parts = {}

local kinds = " ads1115 adxl345 am2320 apa102 bme280 bme680 bmp180 dht11 dht22 display display_i2c ds18b20 "
  .. "ds3231 hdc1080 hmc5883l hx711 l3g4200d mcp23017 mcp4725 pcf8574 pcf8574a rotary si7021 ssd1306 ssd1306_spi "
  .. "tcs34725 tm1829 tsl2561 ws2801 ws2812 xpt2046 "

local plugged, defaults = {}, {} -- lists, in the order of plugging

local function raise(...)
  error(string.format(...), 0)
end

-- Returns the class of a kind.
local function class_of(kind)
  if type(kind) ~= "string" or string.find(kind, "[^%w_]") or not string.find(kinds, " " .. kind .. " ", 1, true) then
    raise("there is no part '%s'; the kinds are:%s", tostring(kind), (string.gsub(kinds, " $", "")))
  end
  return require("netmcu.parts." .. kind)
end

-- Reads "ds18b20,pin=4,temp=20", the form of --part.
local function read_text(text)
  local kind, rest = string.match(text, "^([^,]*),?(.*)$")
  local settings = {}
  for item in string.gmatch(rest, "[^,]+") do
    local key, value = string.match(item, "^([^=]*)=(.*)$")
    if not key then
      raise("part %s: '%s' is not a setting: KEY=VALUE expected", kind, item)
    end
    settings[key] = tonumber(value) or value
  end
  return kind, settings
end

local function remove(list, unwanted)
  for i = #list, 1, -1 do
    if unwanted(list[i]) then
      local part = table.remove(list, i)
      if part.unplugged then
        part:unplugged()
      end
      if part.let_go then
        part:let_go()
      end
    end
  end
end

-- True if the places of two parts overlap. Any number of 1-Wire parts share a pin.
local function collides(a, b)
  local x, y = a.settings, b.settings
  return a.bus == b.bus and a.bus ~= "ow" and x.pin == y.pin and x.address == y.address
    and (x.bus == nil or y.bus == nil or x.bus == y.bus)
end

local function add(list, part)
  list[#list + 1] = part
  if part.plugged_in then
    part:plugged_in()
  end
  return part
end

-- Adds a part that is not of a kind in this folder, such as one that a test has built.
function parts.add(part)
  remove(plugged, function(other) return collides(part, other) end)
  remove(defaults, function(other) return other.kind == part.kind or collides(part, other) end)
  return add(plugged, part)
end

-- Says that a chip of this kind cannot have the address of the part, such as 76 for 0x76.
local function remark_address(part)
  local texts = {}
  for i, address in ipairs(part.addresses or {}) do
    if address == part.settings.address then
      return
    end
    texts[i] = string.format("0x%02x", address)
  end
  if texts[1] then
    host.remark(string.format("part %s: it is at address 0x%02x; the addresses of such a chip are: %s", part.kind,
      part.settings.address, table.concat(texts, " ")))
  end
end

-- Plugs a part in, and returns it. It takes the place of another one with the same address or pin.
-- plug("bme280", {address = 0x76, temp = 21.5}) or plug "bme280,address=0x76,temp=21.5"
function parts.plug(kind, settings)
  if settings == nil and type(kind) == "string" then
    kind, settings = read_text(kind)
  end
  local part = class_of(kind):new(settings or {})
  remark_address(part)
  return parts.add(part)
end

-- Takes a part away.
function parts.unplug(part)
  local function is_this(other) return other == part end
  remove(plugged, is_this)
  remove(defaults, is_this)
end

-- Returns a new list of the parts in use: those that were plugged in, then the defaults that have
-- answered.
function parts.list()
  local all = {table.unpack(plugged)}
  return table.move(defaults, 1, #defaults, #all + 1, all)
end

-- --- finding parts ---

local function first(list, matches)
  for _, part in ipairs(list) do
    if matches(part) then
      return part
    end
  end
end

local function is_strict()
  return host.options().strict
end

-- Prints a line about what answers although nobody has plugged it in. A program that restarts scripts
-- keeps host.told, the lines so far, from state to state: each line comes once.
function parts.tell(line)
  local told = host.told or ""
  if not string.find(told, line, 1, true) then
    host.told = told .. line .. "\n"
    host.remark(line)
  end
end

-- Plugs in a default part of this kind, and prints the line that says so.
local function add_default(kind, settings)
  local part = class_of(kind):new(settings)
  parts.tell(string.format("no %s is plugged in: a default %s answers%s; to plug one in: --part %s",
    kind, part:place(), part:describe_values(), part:example()))
  return add(defaults, part)
end

-- Returns the part of this kind at a place, such as {bus = 0, address = 0x76} or {pin = 4}; the
-- part may have left the bus open. If no part was plugged in there, returns a default. Returns nil in
-- strict mode, if another kind of part is there, or if an I²C part of this kind was plugged in at
-- another address.
function parts.find(kind, where)
  local class = class_of(kind)
  local settings = class:complete(where or {})
  local function is_there(part)
    local own = part.settings
    return part.bus == class.bus and own.pin == settings.pin and own.address == settings.address
      and (own.bus == nil or settings.bus == nil or own.bus == settings.bus)
  end
  local function is_wanted(part) return part.kind == kind and is_there(part) end
  local part = first(plugged, is_wanted)
  local function takes_place(other) return is_there(other) or class.bus == "i2c" and other.kind == kind end
  if part or is_strict() or first(plugged, takes_place) then
    return part
  end
  return first(defaults, is_wanted) or add_default(kind, settings)
end

-- Returns the part on a pin that does not belong to a bus, or a default of this kind.
function parts.on_pin(pin, kind)
  local function is_there(part) return part.bus == "pin" and part.settings.pin == pin end
  return first(plugged, is_there) or not is_strict() and first(defaults, is_there) or parts.find(kind, {pin = pin})
end

-- --- I²C ---

local default_kinds = {[0x3c] = "ssd1306", [0x76] = "bme280"}

-- True if a part that is plugged in at another address could also have this one.
local function is_reserved(address)
  return first(plugged, function(part)
    for _, other in ipairs(part.addresses or {}) do
      if other == address then
        return true
      end
    end
  end)
end

-- The part at an address that has no default kind: it acknowledges, and reads as zeros.
local zeros = {begin = function() return true end, receive = function() return true end, send = function() return 0 end,
  finish = function() end}

local zeros_are_known = false

local function default_at(bus, address)
  if is_reserved(address) then
    return nil
  elseif default_kinds[address] then
    return parts.find(default_kinds[address], {bus = bus, address = address})
  elseif not zeros_are_known then -- scanners try all addresses: one line is enough
    zeros_are_known = true
    parts.tell(string.format("no part is plugged in at address 0x%02x: it acknowledges and reads as zeros; "
      .. "to plug one in: --part KIND,address=0x%02x", address, address))
  end
  return zeros
end

-- Returns the part at an address of a bus; nil if nothing answers there.
function parts.on_i2c(bus, address)
  local function is_there(part)
    local own = part.settings
    return part.bus == "i2c" and own.address == address and (own.bus == nil or own.bus == bus)
  end
  local part = first(plugged, is_there)
  if part or is_strict() then
    return part
  end
  return first(defaults, is_there) or default_at(bus, address)
end

-- --- SPI, 1-Wire ---

local function all(list, matches)
  local found = {}
  for _, part in ipairs(list) do
    if matches(part) then
      found[#found + 1] = part
    end
  end
  return found
end

-- Returns a new list of the parts on an SPI bus.
function parts.on_spi(bus)
  return all(parts.list(), function(part)
    return part.bus == "spi" and (part.settings.bus or bus) == bus
  end)
end

-- Returns a new list of the parts on a 1-Wire pin: those that were plugged in, or else a DS18B20.
function parts.on_ow(pin)
  local found = all(plugged, function(part) return part.bus == "ow" and part.settings.pin == pin end)
  if #found == 0 then
    found[1] = parts.find("ds18b20", {pin = pin})
  end
  return found
end

return parts
