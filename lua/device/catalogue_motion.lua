-- Modules of the catalogue: acceleration, rotation, compass, weight and touch.

local argument = require "netmcu.device.argument"
local bus = require "netmcu.parts.i2c"
local common = require "netmcu.device.catalogue_common"
local parts = require "netmcu.parts.init"
local pins = require "netmcu.parts.pins"

local read = common.read

local modules = {}

-- --- adxl345, l3g4200d, hmc5883l ---

local function axes(format, address, first)
  return function()
    local x, y, z = string.unpack(format, read(address, first, 6))
    return x, y, z
  end
end

local function set_up(address, register, wanted, writes)
  return function()
    if read(address, register, #wanted) ~= wanted then
      argument.raise "device not found"
    end
    for _, write in ipairs(writes) do
      bus.send(0, address, write[1], write[2])
    end
  end
end

local set_up_adxl345 = set_up(0x53, 0x00, "\xe5", {{0x2d, 0x08}})

modules.adxl345 = {
  part = "adxl345", address = 0x53,
  {"setup()", set_up_adxl345},
  {"init(pin, pin)", common.init(set_up_adxl345)},
  {"read() → number, number, number", axes("<i2i2i2", 0x53, 0x32)},
}

local set_up_l3g4200d = set_up(0x69, 0x0f, "\xd3", {{0x20, 0x0f}})

modules.l3g4200d = {
  part = "l3g4200d", address = 0x69,
  {"setup()", set_up_l3g4200d},
  {"init(pin, pin)", common.init(set_up_l3g4200d)},
  {"read() → number, number, number", axes("<i2i2i2", 0x69, 0xa8)},
}

local set_up_hmc5883l = set_up(0x1e, 10, "H43", {{0, 0x70}, {1, 0xa0}, {2, 0}})

-- As on the device, the second value is the z axis, because the chip sends the axes in this order.
modules.hmc5883l = {
  part = "hmc5883l", address = 0x1e,
  {"setup()", set_up_hmc5883l},
  {"init(pin, pin)", common.init(set_up_hmc5883l)},
  {"read() → number, number, number", axes(">i2i2i2", 0x1e, 3)},
}

-- --- hx711, xpt2046: these read the values of their parts ---

local hx711 = {pin = 0}
local HX711_PERIOD = 100 -- ms: the usual boards convert at 10 Hz

local function check_mode(mode, caller)
  argument.check(mode >= 0 and mode <= 2, 1, caller, "Mode value out of range")
end

-- Returns a sample; nil if no part answers.
local function sample_hx711(mode)
  local part = parts.find("hx711", {pin = hx711.pin, clock = hx711.clock})
  return part and part.failing ~= "silent" and part:sample(mode) or nil
end

local function stop_hx711()
  if hx711.timer then
    hx711.timer:unregister()
    hx711.timer = nil
  end
end

-- Calls fn(samples, time, dropped) whenever there are `count` samples, of three bytes each.
local function start_hx711(mode, count, fn)
  local samples, tmr = {}, require "tmr"
  hx711.timer = tmr.create()
  hx711.timer:alarm(HX711_PERIOD, 1, function()
    local sample = sample_hx711(mode)
    samples[#samples + 1] = sample and string.pack("<i3", sample)
    if #samples == count then
      local bytes = table.concat(samples)
      samples = {}
      fn(bytes, tmr.now(), 0)
    end
  end)
end

modules.hx711 = {
  part = "hx711",
  {"init(pin, pin)", function(clock, data)
    common.check_pin(clock)
    common.check_pin(data)
    pins.set_mode(clock, 1, 0)
    pins.set_mode(data, 0, 0)
    pins.write(clock, 1)
    hx711.pin, hx711.clock = data, clock
  end},
  {"read([value]) → number", function(mode)
    mode = mode or 0
    check_mode(mode, "read")
    stop_hx711()
    return sample_hx711(mode) or argument.raise "ADC timeout!"
  end},
  {"start(value, count, anything)", function(mode, count, fn)
    check_mode(mode, "start")
    argument.check(count >= 1 and count <= 400, 2, "start", "Samples value out of range (1-400)")
    if hx711.timer then
      argument.raise "Already running"
    end
    argument.check(type(fn) == "function", 3, "start", "Not a callback function")
    start_hx711(mode, count, fn)
  end},
  {"stop()", stop_hx711},
}

local touch = {pin = 8, width = 240, height = 320}

local function calibrate(x1, y1, x2, y2)
  touch.x1, touch.y1, touch.x2, touch.y2 = x1, y1, x2, y2
end

local MARGIN, MOST = 20, 4095

local function touched()
  local part = parts.find("xpt2046", {pin = touch.pin})
  return part and part.failing ~= "silent" and part:value "pressed" >= 0.5 and part or nil
end

-- The device's module takes the chip's y for its raw x, and the other way round.
local function raw_position()
  local part = touched()
  if not part then
    return MOST, MOST
  end
  return common.round(part:value "y"), common.round(part:value "x")
end

-- As on the device, the row depends on the raw x, and the column on the raw y.
local function position()
  if not touched() or touch.x1 == touch.x2 or touch.y1 == touch.y2 then
    return 0xffff, 0xffff
  end
  local x, y = raw_position()
  return (touch.width - 2 * MARGIN) * (y - touch.y1) // (touch.y2 - touch.y1) + MARGIN & 0xffff,
    (touch.height - 2 * MARGIN) * (x - touch.x1) // (touch.x2 - touch.x1) + MARGIN & 0xffff
end

modules.xpt2046 = {
  part = "xpt2046",
  {"init(pin, pin, value, value)", function(select_pin, interrupt_pin, height, width)
    common.check_pin(select_pin)
    common.check_pin(interrupt_pin)
    argument.check(height > 2 * MARGIN, 3, "init", "wrong arg range")
    argument.check(width > 2 * MARGIN, 4, "init", "wrong arg range")
    pins.set_mode(select_pin, 1, 0)
    pins.set_mode(interrupt_pin, 0, 1)
    touch.pin, touch.width, touch.height = select_pin, width, height
    calibrate(MARGIN * MOST // width, MARGIN * MOST // height, (width - MARGIN) * MOST // width,
      (height - MARGIN) * MOST // height)
  end},
  {"isTouched() → boolean", function() return touched() ~= nil end},
  {"getRaw() → number, number", raw_position},
  {"getPosition() → number, number", position},
  {"getPositionAvg() → number, number", position},
  {"setCalibration(value, value, value, value)", calibrate},
}

return modules
