-- ws2812_effects: each mode changes the LEDs as the firmware does, step by step, until stop.

local netmcu = require "netmcu"
local expect = require "expect"

local strip = netmcu.part "ws2812"
ws2812.init()

local frames
local write = strip.write
function strip:write(bytes, depth)
  write(self, bytes, depth)
  frames[#frames + 1] = {bytes:byte(1, -1)}
end

local buffer

-- Starts a mode with full brightness on a new buffer, and returns the LEDs after each step, as lists
-- of bytes.
local function run(steps, leds, mode, parameter, prepare)
  frames = {}
  buffer = pixbuf.newBuffer(leds, 3)
  ws2812_effects.init(buffer)
  ws2812_effects.set_brightness(255)
  ws2812_effects.set_color(10, 20, 40)
  if prepare then
    prepare()
  end
  ws2812_effects.set_delay(10)
  ws2812_effects.set_mode(mode, parameter)
  local before = #frames
  ws2812_effects.start()
  assert(netmcu.wait(function() return #frames - before >= steps end, 30000), mode)
  ws2812_effects.stop()
  return frames
end

local function shows(frame, wanted)
  local text = table.concat(frame, " ")
  assert(text == wanted, text)
end

-- Nothing works before init.
for name in pairs(ws2812_effects) do
  if name ~= "init" then
    local _, problem = pcall(function() ws2812_effects[name](1, 2, 3) end)
    assert(problem:find("#1 to '" .. name .. "' (please call init() first)", 1, true), problem)
  end
end

local got = run(2, 2, "static")
shows(got[2], "10 20 40 10 20 40")
got = run(1, 2, "static", nil, function() ws2812_effects.set_brightness(128) end)
shows(got[1], "5 10 20 5 10 20")

got = run(4, 1, "blink")
shows(got[1], "0 0 0")
shows(got[2], "10 20 40")
shows(got[3], "0 0 0")
shows(got[4], "10 20 40")

-- Gradients are written by set_mode. Grey has no hue, so it is mixed by its channels.
got = run(1, 3, "gradient_rgb", "\0\0\0\100\200\50")
shows(got[1], "0 0 0 50 100 25 100 200 50")
shows(got[2], "0 0 0 50 100 25 100 200 50")
shows(run(1, 3, "gradient", "\0\0\0\100\200\50")[1], "0 0 0 50 100 25 100 200 50")
shows(run(1, 3, "gradient", "\0\255\0\255\0\0")[1], "0 255 0 255 255 0 255 0 0")
shows(run(1, 3, "gradient", "\0\255\0\0\0\255")[1], "0 255 0 0 255 255 0 0 255") -- backwards, the shorter way
shows(run(1, 5, "gradient_rgb", "\0\0\0\8\8\8\0\0\0")[1], "0 0 0 8 8 8 8 8 8 4 4 4 0 0 0")
run(1, 1, "gradient", "\0\255\0\0\0\255")
run(1, 1, "gradient", "abcdefghi")

got = run(3, 2, "random_color")
assert(got[1][1] == got[1][4] and table.concat(got[1]) ~= table.concat(got[2]) and table.concat(got[2]) ~= table.concat(got[3]))

got = run(31, 1, "rainbow")
shows(got[1], "255 0 0") -- start begins the circle again
shows(got[31], "255 127 0")

-- Patterns move by one LED in each step.
got = run(2, 6, "rainbow_cycle")
shows(got[1], "255 0 255 255 0 0 255 255 0 0 255 0 0 255 255 0 0 255")
shows(got[2], "0 0 255 255 0 255 255 0 0 255 255 0 0 255 0 0 255 255")
shows(run(1, 6, "rainbow_cycle", 3)[1], "0 255 255 255 0 0 0 255 255 255 0 0 0 255 255 255 0 0")
shows(run(1, 4, "halloween")[1], "0 255 130 50 255 0 50 255 0 0 255 130")
shows(run(1, 6, "circus_combustus")[1], "0 0 0 0 255 0 0 255 0 255 255 255 255 255 255 0 0 0")

-- cycle takes the buffer as it is.
got = run(2, 3, "cycle", 1, function() buffer:set(1, 7, 8, 9) end)
shows(got[1], "0 0 0 7 8 9 0 0 0")
shows(got[2], "0 0 0 0 0 0 7 8 9")
shows(run(1, 3, "cycle", -1, function() buffer:set(1, 7, 8, 9) end)[1], "0 0 0 0 0 0 7 8 9")
shows(run(1, 3, "cycle", 100, function() buffer:set(1, 7, 8, 9) end)[1], "0 0 0 7 8 9 0 0 0")

-- Flickering takes the same from each channel, at most.
for mode, limits in pairs {flicker = {10, 20, 40, 5}, fire = {215, 255, 40, 110}, fire_soft = {215, 255, 40, 70},
  fire_intense = {215, 255, 40, 170}} do
  got = run(2, 5, mode, mode == "flicker" and 5 or nil)
  local sum = 0
  for i, byte in ipairs(got[2]) do
    local most = limits[(i - 1) % 3 + 1]
    assert(byte <= most and byte > most - limits[4] or byte == 0, mode)
    sum = sum + byte
  end
  assert(sum > 0, mode)
end

got = run(4, 3, "larson_scanner")
shows(got[1], "10 20 40 0 0 0 0 0 0")
shows(got[2], "5 10 20 10 20 40 0 0 0")
shows(got[3], "2 5 10 5 10 20 10 20 40")
shows(got[4], "1 2 5 10 20 40 5 10 20")
run(3, 1, "larson_scanner")

got = run(4, 2, "color_wipe", nil, function() buffer:set(2, 7, 8, 9) end)
shows(got[1], "10 20 40 0 0 0")
shows(got[2], "10 20 40 10 20 40")
shows(got[3], "0 0 0 10 20 40")
shows(got[4], "0 0 0 0 0 0")

got = run(2, 9, "random_dot", 2)
local lit = 0
for i = 1, 27, 3 do
  lit = lit + (got[1][i] == 10 and 1 or 0)
end
assert(lit == 1 or lit == 2)

-- A strip with white LEDs
frames = {}
buffer = pixbuf.newBuffer(1, 4)
ws2812_effects.init(buffer)
ws2812_effects.set_brightness(255)
ws2812_effects.set_color(1, 2, 3, 4)
ws2812_effects.set_mode "static"
assert(buffer:dump() == "\1\2\3\4")

-- Speed and delay
ws2812_effects.init(buffer)
assert(ws2812_effects.get_speed() == 150 and ws2812_effects.get_delay() == 100)
expect.nothing(ws2812_effects.set_speed(255))
assert(ws2812_effects.get_speed() == 255 and ws2812_effects.get_delay() == 10)
expect.nothing(ws2812_effects.set_delay(50))
assert(ws2812_effects.get_speed() == 0 and ws2812_effects.get_delay() == 50)
for text, call in pairs {
  ["#1 to 'set_delay' (must be equal / larger than 10)"] = function() ws2812_effects.set_delay(9) end,
  ["#1 to 'set_speed' (should be 0-255)"] = function() ws2812_effects.set_speed(256) end,
  ["#1 to 'set_brightness' (should be 0-255)"] = function() ws2812_effects.set_brightness(-1) end,
  ["#1 to 'set_mode' (invalid option 'x')"] = function() ws2812_effects.set_mode "x" end,
  ["#2 to 'set_mode' (string expected)"] = function() ws2812_effects.set_mode("gradient", 5) end,
  ["#2 to 'set_mode' (must be at least two colors"] = function() ws2812_effects.set_mode("gradient_rgb", "abcd") end,
  ["#1 to 'init' (pixbuf.buf expected, got string)"] = function() ws2812_effects.init "" end,
} do
  local done, problem = pcall(call)
  assert(not done and problem:find(text, 1, true), tostring(problem))
end

-- After stop, and after another init, no timer runs.
ws2812_effects.start()
ws2812_effects.init(buffer)
expect.finish()
