-- ws2812_effects: animations in a buffer of ws2812.newBuffer, for a strip in the order green, red,
-- blue. Each step of a mode changes the buffer and writes it to the strip.

local argument = require "netmcu.device.argument"
local color_utils = require "netmcu.device.color_utils"
local device = require "netmcu.device.init"
local pixbuf = require "netmcu.device.pixbuf"

local ws2812_effects = {}

local FASTEST, SHORTEST = 255, 10 -- SHORTEST in ms
local state

local function random(count)
  return device.module "node".random(0, count - 1)
end

local function write()
  device.module "ws2812".write(state.buffer)
end

local function check_ready(caller)
  argument.check(state, 1, caller, "please call init() first")
end

local function dim(byte)
  return byte * state.brightness // 255
end

-- Sets one LED, counted from 0. The channels after green, red and blue become `white`, or else 0.
local function set(led, green, red, blue, white)
  local buffer = state.buffer
  local start = led * buffer.depth
  local color = {green, red, blue, white}
  for i = 1, buffer.depth do
    buffer.bytes[start + i] = color[i] or 0
  end
end

-- Sets each LED to the dimmed colour that color(led) returns.
local function paint(color)
  for led = 0, state.buffer.count - 1 do
    local green, red, blue, white = color(led)
    set(led, dim(green), dim(red), dim(blue), dim(white or 0))
  end
end

local function paint_black()
  paint(function() return 0, 0, 0 end)
end

local function paint_color()
  paint(function() return table.unpack(state.color) end)
end

-- A colour of the wheel. The device takes its green for red.
local function wheel(angle)
  local green, red, blue = color_utils.to_grb(angle % 360, 255, 255)
  return red, green, blue
end

-- --- modes: `prepare(parameter)` runs in set_mode, `step()` for each step ---

local modes = {}

local function cycle(by)
  by = by % math.max(1, state.buffer.count)
  return function() state.buffer:shift(by, pixbuf.api.SHIFT_CIRCULAR) end
end

-- Returns a mode that moves a pattern by one LED in each step.
local function moving(color)
  return {prepare = function(parameter)
    paint(color(parameter))
    state.step = cycle(1)
  end}
end

modes.static = {prepare = function()
  paint_color()
  state.delay = 250
end}

local function blink()
  return (state.calls % 2 == 1 and paint_color or paint_black)()
end
modes.blink = {prepare = blink, step = blink}

local function random_color()
  local before, angle = state.angle or 0, nil
  repeat
    angle = random(360)
    local distance = math.abs(angle - before)
  until math.min(distance, 360 - distance) >= 42
  state.angle = angle
  paint(function() return wheel(angle) end)
end
modes.random_color = {prepare = random_color, step = random_color}

local function rainbow()
  local angle = state.position
  paint(function() return wheel(angle) end)
  state.position = (angle + 1) % 360
end
modes.rainbow = {prepare = rainbow, step = rainbow}

modes.rainbow_cycle = moving(function(repetitions)
  return function(led) return wheel(led * 360 // state.buffer.count * (repetitions or 1)) end
end)

modes.halloween = moving(function()
  return function(led)
    if led % 4 < 2 then
      return 50, 255, 0
    end
    return 0, 255, 130
  end
end)

modes.circus_combustus = moving(function()
  return function(led)
    if led % 6 < 2 then
      return 0, 255, 0
    elseif led % 6 < 4 then
      return 255, 255, 255
    end
    return 0, 0, 0
  end
end)

modes.cycle = {prepare = function(by)
  state.parameter = by or state.parameter or 0
  state.step = cycle(state.parameter)
end}

local function flicker(most)
  paint(function()
    local loss = random(math.max(1, most))
    local green, red, blue = table.unpack(state.color)
    return math.max(0, green - loss), math.max(0, red - loss), math.max(0, blue - loss)
  end)
end

modes.flicker = {prepare = function(most)
  most = (most or 100) & 255
  state.step = function() flicker(most == 0 and 50 or most) end
end}

for name, most in pairs {fire = 110, fire_soft = 70, fire_intense = 170} do
  modes[name] = {
    prepare = function() state.color = {215, 255, 40, 0} end,
    step = function() flicker(most) end,
  }
end

-- A light goes to and fro.
local function scan()
  local buffer = state.buffer
  local turn = math.max(1, buffer.count * 2 - 2)
  local position = state.position % turn
  buffer:fade(2)
  set(position < buffer.count and position or turn - position, table.unpack(state.color, 1, 3))
  state.position = (position + 1) % turn
end
modes.larson_scanner = {prepare = scan, step = scan}

local function wipe()
  local count = state.buffer.count
  local color = state.position < count and state.color or {0, 0, 0}
  set(state.position % count, dim(color[1]), dim(color[2]), dim(color[3]))
  state.position = (state.position + 1) % (count * 2)
end

modes.color_wipe = {prepare = function()
  paint_black()
  wipe()
end, step = wipe}

modes.random_dot = {prepare = function(dots)
  dots = (dots or 1) & 255
  paint_black()
  state.step = function()
    state.buffer:fade(2)
    for _ = 1, dots do
      set(random(state.buffer.count), table.unpack(state.color))
    end
  end
end}

-- --- gradients ---

local function between(from, to, i, steps)
  return (from * (steps - i) + to * i) // steps
end

-- Mixes two colours by their hues, the shorter way around. As on the device, the first colour
-- gives saturation and value.
local function mix_hues(from, to, i, steps)
  local hue, saturation, value = color_utils.to_hsv(table.unpack(from))
  local distance = (color_utils.to_hsv(table.unpack(to)) - hue + 180) % 360 - 180
  return color_utils.to_grb((hue + distance * i // steps) % 360, saturation, value)
end

local function mix_channels(from, to, i, steps)
  return between(from[1], to[1], i, steps), between(from[2], to[2], i, steps), between(from[3], to[3], i, steps)
end

-- Reads the colours in the parameter of a gradient.
local function read_colors(text)
  local depth = state.buffer.depth
  argument.check(type(text) == "string", 2, "set_mode", "string expected")
  local fits = #text >= 2 * depth and #text % depth == 0
  argument.check(fits, 2, "set_mode", "must be at least two colors and same size as buffer colors")
  local colors = {}
  for start = 1, #text, depth do
    local green, red, blue = string.byte(text, start, start + depth - 1)
    colors[#colors + 1] = {green, red or 0, blue or 0}
  end
  return colors
end

local function is_grey(color)
  return color[1] == color[2] and color[2] == color[3]
end

-- Returns a mode. The last segment takes the LEDs that remain.
local function gradient(mix)
  return {prepare = function(text)
    local colors = read_colors(text)
    local segments, count = #colors - 1, state.buffer.count
    local length = count // segments
    paint(function(led)
      local segment = length > 0 and math.min(led // length, segments - 1) or segments - 1
      local steps = (segment == segments - 1 and count - length * segment or length) - 1
      local from, to = colors[segment + 1], colors[segment + 2]
      local blend = (is_grey(from) or is_grey(to)) and mix_channels or mix -- grey has no hue
      return blend(from, to, led - segment * length, math.max(1, steps))
    end)
    write()
  end}
end
modes.gradient, modes.gradient_rgb = gradient(mix_hues), gradient(mix_channels)

-- --- the loop ---

local flickering = {flicker = true, fire = true, fire_soft = true, fire_intense = true}
local still = {static = true, gradient = true, gradient_rgb = true}

local function delay_of(mode)
  local slowness = FASTEST - state.speed
  if state.speed == 0 and state.delay > 0 then
    return state.delay
  elseif flickering[mode] then
    return 30 + random(100) + 200 * slowness // FASTEST
  end
  return still[mode] and SHORTEST or SHORTEST + 1000 * slowness // FASTEST
end

local function run_step()
  if state.step then
    state.step()
  end
  state.delay, state.calls = delay_of(state.mode), state.calls + 1
  write()
  state.timer:alarm(state.delay, 0, run_step)
end

function ws2812_effects.init(buffer)
  if not pixbuf.is_buffer(buffer) then
    argument.fail_type(buffer, 1, "init", "pixbuf.buf")
  end
  if state then
    state.timer:unregister()
  end
  state = {
    buffer = buffer, speed = 150, delay = 100, brightness = 100, color = {0, 0, 0, 0}, calls = 0, position = 0,
    mode = "static", timer = require "tmr".create(),
  }
end

function ws2812_effects.set_color(green, red, blue, white)
  check_ready "set_color"
  local function byte(value, position) return argument.integer(value, position, "set_color") & 255 end
  state.color = {byte(green, 1), byte(red, 2), byte(blue, 3), byte(white or 0, 4)}
end

local function check_byte(value, caller)
  value = argument.integer(value, 1, caller)
  check_ready(caller)
  argument.check(value >= 0 and value <= 255, 1, caller, "should be 0-255")
  return value
end

function ws2812_effects.set_brightness(brightness)
  state.brightness = check_byte(brightness, "set_brightness")
end

function ws2812_effects.set_speed(speed)
  state.speed = check_byte(speed, "set_speed")
  state.delay = SHORTEST
end

function ws2812_effects.get_speed()
  check_ready "get_speed"
  return state.speed
end

function ws2812_effects.set_delay(delay)
  check_ready "set_delay"
  delay = argument.integer(delay, 1, "set_delay")
  argument.check(delay >= SHORTEST, 1, "set_delay", "must be equal / larger than 10")
  state.delay, state.speed = delay, 0
end

function ws2812_effects.get_delay()
  check_ready "get_delay"
  return state.delay
end

function ws2812_effects.set_mode(name, parameter)
  check_ready "set_mode"
  name = argument.text(name, 1, "set_mode")
  local mode = modes[name]
  argument.check(mode, 1, "set_mode", string.format("invalid option '%s'", name))
  state.mode, state.step, state.position = name, mode.step, 0
  local is_text = mode == modes.gradient or mode == modes.gradient_rgb
  if not is_text then
    parameter = type(parameter) == "number" and argument.integer(parameter) or nil
  end
  mode.prepare(parameter)
end

function ws2812_effects.start()
  check_ready "start"
  state.calls, state.position = 0, 0
  state.timer:alarm(math.max(SHORTEST, state.delay), 0, run_step)
end

function ws2812_effects.stop()
  check_ready "stop"
  state.timer:unregister()
end

return {api = ws2812_effects}
