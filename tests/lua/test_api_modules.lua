-- docs/modules.md lists the functions and numbers of the live modules, no more and no fewer; docs/luals is what
-- tools/annotate.lua makes of the lists now, and declares just what is there. What it declares of netmcu.sim
-- is compared in tests/test_sim_scenario.sh.

local netmcu = require "netmcu"

local source = assert(os.getenv "NETMCU_SOURCE", "run me by ctest, or set NETMCU_SOURCE to the checkout")

local function read(path)
  local file = io.open(source .. "/" .. path, "rb")
  if file then
    local text = file:read "a"
    file:close()
    return text
  end
end

-- What there is ------------------------------------------------------------------------------------------------------

local function exists(what)
  return what ~= nil and getmetatable(what) ~= nil and what or nil
end

local function try(make, ...)
  local ok, object = pcall(make, ...)
  return ok and exists(object) or nil
end

local part = netmcu.part "bme280"
local part_methods = {set = part.set, value = part.value, unplug = part.unplug} -- the others are for buses
local strip = netmcu.part "ws2812"
for _, name in ipairs {"picture", "pixel", "texts", "save", "count", "led"} do
  part_methods[name] = strip[name]
end

part_methods.outputs = netmcu.part "pcf8574".outputs

local objects = {
  ["tmr.timer"] = tmr.create(),
  ["file.file"] = assert(file.open("annotated", "w")),
  ["cron.entry"] = cron.schedule("* * * * *", print),
  ["websocket.client"] = try(websocket.createClient),
  ["gpio.pulse"] = gpio.pulse.build {{delay = 1}},
  ["pipe.pipe"] = pipe.create(),
  ["softuart.port"] = softuart.setup(9600, 1, 2),
  ["pcm.driver"] = pcm.new(pcm.SD, 1),
  ["bloom.filter"] = bloom.create(1, 1),
  ["pixbuf.buffer"] = pixbuf.newBuffer(1, 1),
  ["u8g2.display"] = u8g2.ssd1306_128x64_noname(print),
  ["u8g.display"] = u8g.fb_rle(print, 8, 8),
  ["ucg.display"] = ucg.st7735_18x128x160_hw_spi(1, 8, 4),
  ["crypto.hash"] = try(crypto.new_hash, "MD5"),
  ["sjson.encoder"] = try(sjson.encoder, {}),
  ["sjson.decoder"] = try(sjson.decoder),
  ["coap.client"] = coap.Client(),
  ["coap.server"] = coap.Server(),
  ["mqtt.client"] = mqtt.Client(),
  ["net.socket"] = net.createConnection(),
  ["tls.socket"] = try(tls.createConnection),
  ["net.server"] = net.createServer(),
  ["net.udpsocket"] = net.createUDPSocket(),
  ["netmcu.script"] = netmcu.script "annotated",
  ["ads1115.device"] = ads1115.ads1115(0, ads1115.ADDR_GND),
  ["netmcu.part"] = setmetatable({}, {__index = part_methods}),
}
objects["cron.entry"]:unschedule()
objects["file.file"]:close()
file.remove "annotated"

local live = {}

local function look_at(prefix, part)
  for name, value in pairs(part) do
    if type(name) == "string" and not name:find "^__" then
      local path = prefix .. "." .. name
      if type(value) == "table" then
        look_at(path, value)
      else
        live[path] = type(value) == "function" and "function" or "field"
      end
    end
  end
end

local names = require "netmcu.device.init".names()
for _, name in ipairs(names) do
  look_at(name, _G[name])
end
names[#names + 1] = "netmcu"
look_at("netmcu", netmcu)
look_at("netmcu.options", netmcu.options())
look_at("netmcu.stats", netmcu.stats())
live["netmcu.options.dns"] = "field" -- can be set only
live["netmcu.script.globals"] = type(objects["netmcu.script"].globals) == "table" and "field" or nil
for class, object in pairs(objects) do
  for name in pairs(getmetatable(object).__index) do
    if not name:find "^__" then
      live[class .. ":" .. name] = "function"
    end
  end
end

-- What the annotations say ----------------------------------------------------------------------------------------------

local problems = {}

local function problem(...)
  problems[#problems + 1] = string.format(...)
end

local declared = {}

local function declare(path, kind)
  if declared[path] then
    problem("%s is declared twice", path)
  end
  declared[path] = kind
end

-- Only the core knows the keys of a fault. Its message says whether it knows this one.
local function try_fault_key(class, key)
  if class == "netmcu.fault" then
    local _, message = pcall(netmcu.fault, {[key] = "?"})
    live["netmcu.fault." .. key] = not tostring(message):find "no key" and "field" or nil
  end
end

local function read_annotations(text)
  local class, classes = nil, {}
  for line in text:gmatch "[^\n]+" do
    local object, method = line:match "^function ([%w_]+):([%w_]+)%("
    class = line:match "^%-%-%-@class ([%w_.]+)" or class
    if line:find "^local " then
      classes[line:match "^local ([%w_]+)"] = class
    elseif line:find "^%-%-%-@field [^[]" or line:find '^%-%-%-@field %["' then
      local field = line:match '^%-%-%-@field %["([^"]+)"%]' or line:match "^%-%-%-@field ([%w_]+)"
      try_fault_key(class, field)
      declare(class:gsub("_module$", "") .. "." .. field, "field")
    elseif object then
      declare(classes[object] .. ":" .. method, "function")
    elseif line:find "^[%w_.]+ = [%w_.]+%.[%w_.]+$" then
      declare(line:match "^[%w_.]+", "function")
    elseif line:find "^function " then
      declare(line:match "^function ([%w_.]+)%(", "function")
    end
  end
end

local pages = assert(loadfile(source .. "/tools/annotate.lua"))("pages")
for name, page in pairs(pages) do
  local path = "docs/luals/" .. name .. ".lua"
  if read(path) ~= page then
    problem("%s is not up to date: tools/run tools/annotate.lua", path)
  end
  assert(load(page, "=" .. path))
end
for _, name in ipairs(names) do
  read_annotations(pages[name])
end

for path, kind in pairs(live) do
  if declared[path] ~= kind then
    problem("%s, a %s, is not in docs/modules.md or docs/api.md", path, kind)
  end
end
for path, kind in pairs(declared) do
  -- A build without a library has no objects of it.
  local class = path == "sjson.NULL" and "sjson.encoder" or path:match "^([%w_.]+):"
  if live[path] ~= kind and not (class and not objects[class]) then
    problem("%s is listed as a %s, but is not one", path, kind)
  end
end

table.sort(problems)
assert(#problems == 0, table.concat(problems, "\n"))
