-- rotary: up to three rotary switches with a button. Unless one is plugged in at its pins, setup plugs
-- one in, which the page can turn.
--
-- Tests use netmcu.rotary: turn(channel, steps) turns the switch, press(channel [, ms]) presses the
-- button for this time, without waiting for it.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local parts = require "netmcu.parts.init"
local pins = require "netmcu.parts.pins"

local rotary = {PRESS = 1, LONGPRESS = 2, RELEASE = 4, TURN = 8, CLICK = 16, DBLCLICK = 32, ALL = 63}

local CHANNELS, MOST_EVENTS = 3, 7
local INPUT, INT, PULLUP = 0, 3, 1
local DELAY, DEBOUNCE = 500000, 10000 -- µs

local switches = {}

local function check_channel(channel, caller)
  channel = argument.integer(channel, 1, caller)
  if channel < 0 or channel >= CHANNELS then
    argument.raise(string.format("rotary %d does not exist", channel))
  end
  return channel
end

local function check_pin(pin, position)
  pin = argument.integer(pin, position, "setup")
  argument.check(pin > 0 and pins.exists(pin), position, "setup", "Invalid pin")
  return pin
end

local function check_delay(ms, position)
  if ms == nil then
    return DELAY
  end
  ms = argument.integer(ms, position, "setup")
  argument.check(ms > 0 and ms <= 0x7fffffff // 1000, position, "setup", "Invalid timeout")
  return ms * 1000
end

-- --- events ---

local function call(switch, event, position, when)
  local fn = switch.callbacks[event]
  if fn then
    fn(event, position, when & 0x7fffffff)
  end
end

-- Clicks and long presses are reported when their time is over.
local function check_time(switch, now)
  local waited = now - switch.last
  if switch.was_pressed and waited > switch.long_press then
    switch.was_pressed = false
    call(switch, rotary.LONGPRESS, switch.seen, switch.last + switch.long_press)
  end
  if switch.was_released and waited > switch.double_click then
    switch.was_released = false
    call(switch, rotary.CLICK, switch.seen, switch.last + switch.double_click)
  end
end

local function set_timer(switch)
  local delay = switch.was_pressed and switch.long_press or switch.was_released and switch.double_click
  if delay and not switch.closed then
    local left = math.max(0, switch.last + delay - host.now())
    switch.timer:alarm(left // 1000 + 1, 0, function()
      check_time(switch, host.now())
      set_timer(switch)
    end)
  else
    switch.timer:unregister()
  end
end

local function pressed(switch, when)
  switch.may_be_double = switch.was_released and when - switch.last < switch.double_click
  switch.was_pressed, switch.was_released = true, false
end

-- A double click is not also reported as a click.
local function released(switch, position, when)
  switch.was_pressed, switch.was_released = false, not switch.may_be_double
  if switch.may_be_double then
    switch.may_be_double = false
    call(switch, rotary.DBLCLICK, position, when)
  end
end

local function deliver(switch, event)
  check_time(switch, event.when)
  local position, is_pressed = event.position, event.is_pressed
  if position ~= switch.seen then
    call(switch, rotary.TURN, position, event.when)
  end
  if is_pressed ~= switch.seen_pressed then
    call(switch, is_pressed and rotary.PRESS or rotary.RELEASE, position, event.when)
    if is_pressed then
      pressed(switch, event.when)
    else
      released(switch, position, event.when)
    end
    switch.last = event.when
  end
  switch.seen, switch.seen_pressed = position, is_pressed
end

local function deliver_next(switch)
  local event = table.remove(switch.queue, 1)
  if not event or switch.closed then
    return
  elseif switch.queue[1] then
    host.post(function() deliver_next(switch) end)
  end
  deliver(switch, event)
  if not switch.closed then
    set_timer(switch)
  end
end

-- Turns that the script has not been told about yet become one event.
local function enqueue(switch)
  local queue = switch.queue
  local last, before = queue[#queue], queue[#queue - 1]
  local event = {position = switch.position, is_pressed = switch.is_pressed, when = host.now()}
  local known = before and before.is_pressed
  if known == nil then
    known = switch.seen_pressed
  end
  local replaces = last and last.is_pressed == event.is_pressed and last.is_pressed == known
  if last and (replaces or #queue == MOST_EVENTS) then
    queue[#queue] = event
    return
  end
  queue[#queue + 1] = event
  if #queue == 1 then
    host.post(function() deliver_next(switch) end)
  end
end

-- --- pins ---

-- The phases of both pins, in the order of a clockwise turn.
local function phase(switch)
  local a, b = pins.level(switch.a), pins.level(switch.b)
  return a == 1 and (1 - b) or 2 + b
end

-- Returns the position after a change of phase. As on the device, a step that was missed shows in
-- the position.
local function next_position(switch)
  local step = (phase(switch) - switch.position) & 3
  local moves = {[0] = 0, 1, 1000000, -1}
  return switch.position + moves[step]
end

local function interrupt(switch)
  local now = host.now()
  local position, is_pressed = next_position(switch), switch.is_pressed
  if switch.button and now - switch.changed > DEBOUNCE then
    is_pressed = pins.level(switch.button) == 0
    switch.changed = is_pressed ~= switch.is_pressed and now or switch.changed
  end
  if position ~= switch.position or is_pressed ~= switch.is_pressed then
    switch.position, switch.is_pressed = position, is_pressed
    enqueue(switch)
  end
end

local function each_pin(switch, visit)
  for _, pin in ipairs {switch.a, switch.b, switch.button} do
    visit(pin)
  end
end

local function close(channel)
  local switch = switches[channel]
  if switch then
    switches[channel], switch.closed = nil, true
    switch.timer:unregister()
    each_pin(switch, function(pin) pins.set_mode(pin, INPUT, PULLUP) end)
  end
end

-- Returns the rotary switch at the pins, which is a new one unless it was plugged in.
local function part_at(a, b, button)
  for _, part in ipairs(parts.list()) do
    local at = part.settings
    local fits = at.pin == a and at.b == b and (not button or not at.button or at.button == button)
    if part.kind == "rotary" and fits then
      at.button = at.button or button
      return part
    end
  end
  return parts.plug("rotary", {pin = a, b = b, button = button})
end

-- setup(channel, a, b [, button [, long press in ms [, double click in ms]]])
function rotary.setup(channel, a, b, button, long_press, double_click)
  channel = check_channel(channel, "setup")
  close(channel)
  local switch = {
    a = check_pin(a, 2), b = check_pin(b, 3), button = button ~= nil and check_pin(button, 4) or nil,
    long_press = check_delay(long_press, 5), double_click = check_delay(double_click, 6),
    position = 0, is_pressed = false, seen = 0, seen_pressed = false,
    last = host.now(), changed = host.now() - DEBOUNCE - 1, queue = {}, callbacks = {},
    timer = require "tmr".create(),
  }
  switch.part = part_at(switch.a, switch.b, switch.button)
  each_pin(switch, function(pin)
    pins.set_mode(pin, INT, PULLUP)
    pins.hook(pin, function() interrupt(switch) end)
  end)
  switches[channel] = switch
end

function rotary.close(channel)
  close(check_channel(channel, "close"))
end

-- on(channel, events [, fn]). Without a function, the events no longer have one.
function rotary.on(channel, events, fn)
  local switch = switches[check_channel(channel, "on")]
  events = argument.integer(events, 2, "on")
  if fn ~= nil and type(fn) ~= "function" then
    argument.raise "Unable to set callback."
  end
  local event = 1
  while switch and event <= rotary.DBLCLICK do
    if events & event ~= 0 then
      switch.callbacks[event] = fn
    end
    event = event * 2
  end
end

-- Returns the position, and PRESS or RELEASE.
function rotary.getpos(channel)
  local switch = switches[check_channel(channel, "getpos")]
  if switch then
    return switch.position, switch.is_pressed and rotary.PRESS or rotary.RELEASE
  end
end

-- --- for tests ---

local control = {}

local function check_switch(channel, caller)
  return switches[check_channel(channel, caller)] or argument.raise "the script has not set up this switch"
end

-- Clockwise if `steps` is positive.
function control.turn(channel, steps)
  local part = check_switch(channel, "turn").part
  part:set {position = part:value "position" + argument.integer(steps, 2, "turn")}
  part:turn_at_once()
end

-- Holds the button for some time, 50 ms unless the test chooses another one.
function control.press(channel, ms)
  local switch = check_switch(channel, "press")
  ms = ms == nil and 50 or argument.integer(ms, 2, "press")
  if not switch.button then
    argument.raise "this switch has no button"
  end
  switch.part:set {pressed = 1}
  require "tmr".create():alarm(math.max(1, ms), 0, function() switch.part:set {pressed = 0} end)
end

return {api = rotary, control = control}
