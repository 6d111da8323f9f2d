-- All functions and constants that the firmware documents exist, and what the catalogue says about
-- a function is what docs/modules.md says.

local source = assert(os.getenv "NETMCU_SOURCE", "run me by ctest, or set NETMCU_SOURCE to the checkout")

local objects = {
  ["ads1115.device"] = ads1115.ads1115(0, ads1115.ADDR_GND), ["bloom.filter"] = bloom.create(1, 1),
  ["bme280.sensor"] = bme280.setup(0), ["pcm.driver"] = pcm.new(pcm.SD, 1), ["pixbuf.buffer"] = pixbuf.newBuffer(1, 3),
  ["softuart.port"] = softuart.setup(9600, 1), ["u8g.display"] = u8g.ssd1306_128x64_i2c(0x3c),
  ["u8g2.display"] = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c), ["ucg.display"] = ucg.st7735_18x128x160_hw_spi(1, 8, 4),
}

local function find(path)
  if objects[path] then
    return getmetatable(objects[path]).__index
  end
  local found = _G
  for name in path:gmatch "[^.]+" do
    found = found[name]
  end
  return found
end

-- Constants are in capitals; fonts are constants too.
local function is_right(name, value)
  if name:find "^[%u%d_]+$" then
    return type(value) == "number"
  end
  return type(value) == "function" or name:find "^font_" and value ~= nil
end

local problems, count = {}, 0

-- A line has the name of a module or of a class, and some of its functions and constants.
for line in io.lines(source .. "/tests/documented/catalogue.txt") do
  local path, names = line:match "^(%S+) (.*)$"
  for name in names:gmatch "%S+" do
    count = count + 1
    if not is_right(name, find(path)[name]) then
      problems[#problems + 1] = path .. "." .. name .. " is documented, and does not exist"
    end
  end
end
assert(count > 650, count)

local catalogue = require "netmcu.device.catalogue"
local rows = 0
for line in io.lines(source .. "/docs/modules.md") do
  local module, name, signature = line:match "^| `([%w_]+)%.([%w_]+)` | (.*) |$"
  for _, row in ipairs(module and catalogue.rows(module) or {}) do
    if row[1]:match "^[%w_]+" == name then
      rows = rows + 1
      if row[1] ~= signature:gsub("`", "") then
        problems[#problems + 1] = ("%s.%s: %s in the catalogue, %s in docs/modules.md"):format(module, name, row[1], signature)
      end
    end
  end
end
assert(rows > 50, rows)
assert(#problems == 0, table.concat(problems, "\n"))
