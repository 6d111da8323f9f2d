-- gpio: the pins 0 to 12. A pin reads what was written to it, or what a test put on it; a change fires triggers.
--
-- For tests, as netmcu.gpio: set(pin, level) puts a level on a pin from outside, on(pin, fn) sees every write as
-- fn(level, pin), mode(pin) tells the mode and pull-up.

local host = require "netmcu.host"

local gpio = {
  LOW = 0, HIGH = 1, INPUT = 0, OUTPUT = 1, OPENDRAIN = 2, INT = 3, FLOAT = 0, PULLUP = 1,
  pulse = {},
}

local PINS = 13
local levels, modes, pulls, triggers, watchers = {}, {}, {}, {}, {}
for pin = 0, PINS - 1 do
  levels[pin], modes[pin], pulls[pin] = gpio.LOW, gpio.INPUT, gpio.FLOAT
end

local function check_pin(pin, caller, lowest)
  local number = tonumber(pin)
  number = number and math.tointeger(number // 1)
  if not number or number < (lowest or 0) or number >= PINS then
    error(string.format("bad argument #1 to '%s' (pin %s does not exist)", caller, tostring(pin)), 3)
  end
  return number
end

local function check_level(level, caller)
  if level == true then
    return gpio.HIGH
  elseif level == false then
    return gpio.LOW
  end
  local number = tonumber(level)
  if number ~= gpio.HIGH and number ~= gpio.LOW then
    error(string.format("bad argument #2 to '%s' (wrong level type)", caller), 3)
  end
  return math.tointeger(number)
end

function gpio.mode(pin, mode, pull)
  pin, mode, pull = check_pin(pin, "mode"), tonumber(mode), tonumber(pull)
  if mode ~= gpio.INPUT and mode ~= gpio.OUTPUT and mode ~= gpio.OPENDRAIN and mode ~= gpio.INT then
    error("bad argument #2 to 'mode' (wrong arg range)", 2)
  end
  modes[pin], pulls[pin] = mode, pull == gpio.PULLUP and gpio.PULLUP or gpio.FLOAT
  if mode ~= gpio.INT then
    triggers[pin] = nil
  end
  if pulls[pin] == gpio.PULLUP and (mode == gpio.INPUT or mode == gpio.INT) then
    levels[pin] = gpio.HIGH -- nothing is attached that would pull it down
  end
end

function gpio.read(pin)
  return levels[check_pin(pin, "read")]
end

local function put(pin, level)
  levels[pin] = level
  if watchers[pin] then
    watchers[pin](level, pin)
  end
end

function gpio.write(pin, level)
  put(check_pin(pin, "write"), check_level(level, "write"))
end

-- --- triggers ---

local fires = {
  up = function(before, now) return before == 0 and now == 1 end,
  down = function(before, now) return before == 1 and now == 0 end,
  both = function(before, now) return before ~= now end,
  low = function(_, now) return now == 0 end,
  high = function(_, now) return now == 1 end,
}

function gpio.trig(pin, kind, fn)
  pin = check_pin(pin, "trig", 1)
  if kind == nil or kind == "none" then
    triggers[pin] = nil
    return
  end
  if not fires[kind] then
    error("bad argument #2 to 'trig' (invalid option '" .. tostring(kind) .. "')", 2)
  end
  local trigger = triggers[pin] or {}
  trigger.kind, trigger.fn = kind, fn or trigger.fn
  if type(trigger.fn) ~= "function" then
    error("bad argument #3 to 'trig' (function expected)", 2)
  end
  triggers[pin] = trigger
end

-- An interrupt is told in the next turn; those that come before it is told are counted with it.
local function fire(pin, level)
  local trigger = triggers[pin]
  trigger.count = (trigger.count or 0) + 1
  if trigger.count > 1 then
    return
  end
  local when = host.now() & 0x7fffffff
  host.post(function()
    local count = trigger.count
    trigger.count = nil
    if triggers[pin] == trigger then
      trigger.fn(level, when, count)
    end
  end)
end

local control = {}

function control.set(pin, level)
  pin, level = check_pin(pin, "set"), check_level(level, "set")
  local before = levels[pin]
  levels[pin] = level
  if triggers[pin] and fires[triggers[pin].kind](before, level) then
    fire(pin, level)
  end
end

function control.on(pin, fn)
  watchers[check_pin(pin, "on")] = fn
end

function control.mode(pin)
  pin = check_pin(pin, "mode")
  return modes[pin], pulls[pin]
end

-- --- sequences ---

local function after(us, fn)
  require "tmr".create():alarm(math.max(1, math.floor(us / 1000 + 0.5)), 0, fn)
end

-- Blocks as the device does when there is no callback; with one, the delays are timers of 1 ms or more.
function gpio.serout(pin, level, delays, cycles, callback)
  pin, level = check_pin(pin, "serout"), check_level(level, "serout")
  if type(delays) == "number" then
    delays = {delays}
  elseif type(delays) ~= "table" or #delays == 0 then
    error("bad argument #3 to 'serout' (empty table)", 2)
  end
  local steps, step = #delays * (cycles or 1), 0

  local function delay()
    return delays[step % #delays + 1]
  end
  local function advance()
    step = step + 1
    if step < steps then
      level = 1 - level
      put(pin, level)
    end
    return step < steps
  end

  put(pin, level)
  if callback == nil then
    repeat
      require "tmr".delay(delay())
    until not advance()
    return
  end
  local function next_step()
    if advance() then
      after(delay(), next_step)
    elseif type(callback) == "function" then
      callback()
    end
  end
  after(delay(), next_step)
end

-- --- gpio.pulse: programs for several pins ---

local Pulse = {__name = "gpio.pulse"}
Pulse.__index = Pulse

function gpio.pulse.build(steps)
  if type(steps) ~= "table" or #steps == 0 then
    error("bad argument #1 to 'build' (table expected)", 2)
  end
  return setmetatable({program = steps, counters = {}, count = 0}, Pulse)
end

function Pulse:getstate()
  local now = host.now()
  return self.position, self.count, (self.due or now) - now, now & 0x7fffffff
end

local function next_position(self)
  local position, step = self.position, self.program[self.position]
  if step.loop and step.count then
    local left = (self.counters[position] or step.count) - 1
    self.counters[position] = left > 0 and left or nil
    if left > 0 then
      return step.loop
    end
  end
  return position + 1
end

local function finish(self, callback)
  self.running = nil
  if callback then
    callback(self:getstate())
  end
end

local run_step

local function move_on(self, run)
  if self.running ~= run then
    return
  end
  local position = next_position(self)
  if self.stop_at == true or self.stop_at == position then
    local callback = self.stopped
    self.stop_at, self.stopped = nil, nil
    return finish(self, callback)
  end
  self.position = self.program[position] and position or nil
  if not self.position then
    return finish(self, run.callback)
  end
  run_step(self, run)
end

function run_step(self, run)
  local step = self.program[self.position]
  self.count = self.count + 1
  for pin, level in pairs(step) do
    if type(pin) == "number" then
      put(check_pin(pin, "pulse"), check_level(level, "pulse"))
    end
  end
  local us = step.delay or 0
  self.due = host.now() + us
  after(us, function() move_on(self, run) end)
end

function Pulse:start(adjust, callback)
  callback = type(adjust) == "function" and adjust or callback
  if self.running then
    error("pulse operation already in progress", 2)
  end
  self.position, self.count, self.counters = 1, 0, {}
  self.running = {callback = callback}
  run_step(self, self.running)
end

function Pulse:stop(position, callback)
  if type(position) == "function" then
    position, callback = nil, position
  end
  if not self.running then
    return false
  end
  self.stop_at, self.stopped = position or true, callback
  return true
end

function Pulse:cancel()
  self.running = nil
  return self:getstate()
end

-- The clock of a desktop has no drift to correct.
function Pulse:adjust()
  return self:getstate()
end

function Pulse:update(entry, changes)
  for key, value in pairs(changes or {}) do
    self.program[entry][key] = value
  end
end

return {api = gpio, control = control}
