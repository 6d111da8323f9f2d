-- Whatever a script does on the buses, in whatever order: a part answers, or a module raises an error
-- of its own. No error comes from within a part or a module.

local netmcu = require "netmcu"
local expect = require "expect"

local seed = tonumber(os.getenv "PARTS_SEED") or 1
math.randomseed(seed)
local random = math.random

local function one_of(list)
  return list[random(#list)]
end

local addresses, parts = {0}, {}
for _, kind in ipairs {
  "ads1115", "adxl345", "am2320", "bme280", "bme680", "bmp180", "ds3231", "hdc1080", "hmc5883l", "l3g4200d", "mcp23017",
  "mcp4725", "pcf8574", "si7021", "ssd1306", "tcs34725", "tsl2561",
} do
  parts[#parts + 1] = netmcu.part(kind, {})
end
for i, kind in ipairs {"dht11", "dht22", "hx711", "ds18b20", "ds18b20", "xpt2046"} do
  parts[#parts + 1] = netmcu.part(kind, {pin = i})
end
for _, part in ipairs(netmcu.parts()) do
  addresses[#addresses + 1] = part.settings.address
end

local function byte()
  return one_of {0, 1, 255, random(0, 255), random(0, 255)}
end

local function number()
  return one_of {0, 1, -1, 0.5, 255, 256, 1e9, byte()}
end

local actions = {
  function() i2c.start(0) i2c.address(0, 0x68, i2c.TRANSMITTER) i2c.write(0, 0, byte(), byte()) end,
  function() i2c.setup(one_of {0, i2c.HW0}, 2, 1, i2c.SLOW) end,
  function() i2c.start(0) i2c.address(0, one_of(addresses), random(0, 1)) end,
  function() i2c.write(0, byte()) end,
  function() i2c.write(0, {byte(), byte(), byte()}) end,
  function() i2c.read(0, random(0, 20)) end,
  function() one_of {i2c.start, i2c.stop}(0) end,
  function() i2c.start(i2c.HW0) i2c.address(i2c.HW0, one_of(addresses), random(0, 1)) end,
  function() i2c.write(i2c.HW0, byte()) i2c.read(i2c.HW0, 3) i2c.transfer(i2c.HW0) end,
  function() ow.reset(random(4, 6)) end,
  function() ow.write(random(4, 6), one_of {0x33, 0x55, 0xcc, 0x44, 0xbe, 0x4e, 0x48, 0xb8, 0xb4, 0xf0, byte()}) end,
  function() ow.read_bytes(random(4, 6), random(0, 12)) end,
  function() ow.search(random(4, 6), random(0, 1)) end,
  function() ow.select(4, ow.search(4)) end,
  function() dht[one_of {"read", "read11", "read12", "readxx"}](random(0, 6)) end,
  function() gpio.mode(random(1, 8), random(0, 2)) end,
  function() gpio.write(random(1, 8), random(0, 1)) end,
  function() gpio.read(random(1, 8)) end,
  function() spi.setup(1, spi.MASTER, 0, 0, random(1, 32), 8, random(0, 1)) end,
  function() spi.send(1, number(), {number()}, "ab") end,
  function() spi.recv(1, random(0, 5)) end,
  function()
    spi.transaction(1, random(0, 16), number(), random(0, 32), number(), random(0, 64), random(0, 8), random(-64, 64))
  end,
  function() spi.set_mosi(1, random(0, 511), random(1, 32), number()) end,
  function() spi.get_miso(1, random(0, 511), random(1, 32), random(0, 3)) end,
  function() bme280.setup(number(), number(), number(), number()) bme280.read(number()) end,
  function() si7021.setting(number(), one_of {0, 4}, byte()) si7021.read() end,
  function() ads1115.ads1115(0, 0x48):setting(one_of {0, 0x200}, 860, one_of {0, 0x4000}, 0) end,
  function() one_of(parts):set {failing = one_of {"silent", "range", "none"}} end,
  function() tmr.delay(random(1, 50)) end,
}

for _ = 1, 3000 do
  local done, problem = pcall(one_of(actions))
  assert(done or not tostring(problem):find "^netmcu%.", "seed " .. seed .. ": " .. tostring(problem))
end

expect.finish()
