-- gpio: the pins 0 to 12. A pin reads what was written to it, or what a test has put on it; a
-- change fires triggers.
--
-- Tests use netmcu.gpio: set(pin, level) puts a level on a pin from outside, on(pin, fn) calls
-- fn(level, pin) for every write, mode(pin) returns the mode and the pull-up, signal(pin) the
-- frequency and the duty of what pwm, pwm2 or sigma_delta put on the pin.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local pins = require "netmcu.parts.pins"

local gpio = {
  LOW = 0, HIGH = 1, INPUT = 0, OUTPUT = 1, OPENDRAIN = 2, INT = 3, FLOAT = 0, PULLUP = 1,
  pulse = {},
}

local exists, put = pins.exists, pins.write
local triggers = {}

local function check_pin(pin, caller)
  pin = argument.integer(pin, 1, caller)
  if not exists(pin) then
    argument.raise(string.format("gpio %d does not exist", pin))
  end
  return pin
end

local function check_level(level, caller, problem)
  level = argument.integer(level, 2, caller)
  argument.check(level == gpio.HIGH or level == gpio.LOW, 2, caller, problem or "wrong level type")
  return level
end

function gpio.mode(pin, mode, pull)
  pin, mode = argument.integer(pin, 1, "mode"), argument.integer(mode, 2, "mode")
  pull = pull == nil and gpio.FLOAT or argument.integer(pull, 3, "mode")
  argument.check(exists(pin) and (mode ~= gpio.INT or pin > 0), 1, "mode", "Invalid pin")
  argument.check(mode >= gpio.INPUT and mode <= gpio.INT, 2, "mode", "wrong arg type")
  pins.set_mode(pin, mode, pull ~= gpio.FLOAT and gpio.PULLUP or gpio.FLOAT)
  if mode ~= gpio.INT then
    triggers[pin] = nil
  end
end

function gpio.read(pin)
  return pins.level(check_pin(pin, "read"))
end

function gpio.write(pin, level)
  pin, level = argument.integer(pin, 1, "write"), argument.integer(level, 2, "write")
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

-- An interrupt is delivered in the next turn of the loop. Those that come before its delivery are
-- counted with it.
local function fire(before, level, pin)
  local trigger = triggers[pin]
  if not fires[trigger.kind](before, level) then
    return
  end
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

-- trig(pin [, type [, fn]]). The function stays if only the type is given.
function gpio.trig(pin, kind, ...)
  pin = argument.integer(pin, 1, "trig")
  argument.check(exists(pin) and pin > 0, 1, "trig", "Invalid interrupt pin")
  kind = kind == nil and "none" or argument.text(kind, 2, "trig")
  argument.check(kind == "none" or fires[kind], 2, "trig", "invalid option '" .. kind .. "'")
  local before, fn = triggers[pin], ...
  triggers[pin] = nil
  pins.hook(pin, nil)
  if kind == "none" then
    return
  elseif select("#", ...) == 0 and before then
    fn = before.fn
  end
  argument.check(type(fn) == "function", 3, "trig", "invalid callback type")
  triggers[pin] = {kind = kind, fn = fn}
  pins.hook(pin, fire)
end

local control = {}

function control.set(pin, level)
  pins.drive(check_pin(pin, "set"), check_level(level, "set"))
end

control.read = gpio.read

function control.on(pin, fn)
  pins.watch(check_pin(pin, "on"), fn)
end

function control.mode(pin)
  return pins.mode(check_pin(pin, "mode"))
end

function control.signal(pin)
  local signal = pins.signal(check_pin(pin, "signal"))
  if signal then
    return signal.frequency, signal.duty
  end
end

-- --- sequences ---

local function after(us, fn)
  require "tmr".create():alarm(math.max(1, math.floor(us / 1000 + 0.5)), 0, fn)
end

local MOST_DELAYS = 255

local function check_delays(delays)
  if type(delays) == "number" then -- older firmware
    delays = {delays}
  end
  argument.check(type(delays) == "table" and #delays <= MOST_DELAYS, 3, "serout", "Invalid delay_times")
  local checked = {}
  for i = 1, #delays do
    checked[i] = argument.integer(delays[i], 3, "serout")
  end
  return checked
end

-- Blocks without a callback, as on the device. With a callback, the delays are timers of at least 1
-- ms.
function gpio.serout(pin, level, delays, cycles, callback)
  pin, level = argument.integer(pin, 1, "serout"), argument.integer(level, 2, "serout")
  cycles = cycles == nil and 1 or argument.integer(cycles, 4, "serout")
  argument.check(exists(pin), 1, "serout", "Invalid pin")
  level = check_level(level, "serout", "Wrong level type")
  delays = check_delays(delays)
  if callback ~= nil then
    require "netmcu.device.hardware_timer".require()
  end
  local steps, step = #delays * math.max(1, cycles), 0

  local function next_step(wait)
    if step == steps then
      if type(callback) == "function" then
        callback()
      end
      return
    end
    put(pin, level)
    level = 1 - level
    step = step + 1
    wait(delays[(step - 1) % #delays + 1], function() next_step(wait) end)
  end

  if callback == nil then
    repeat
      local delay
      next_step(function(us) delay = us end)
      if delay and delay > 0 then
        require "tmr".delay(delay)
      end
    until step == steps
  elseif steps == 0 then
    host.post(function() next_step(after) end)
  else
    next_step(after)
  end
end

-- --- gpio.pulse: programs for several pins ---

local MOST_ENTRIES, LONGEST = 100, 64000000 -- LONGEST in µs

local Pulse = {__name = "gpio.pulse"}
Pulse.__index = Pulse

local active -- the one that runs, as there is one timer for it on the device

local function fail(...)
  argument.raise(string.format(...))
end

local messages = {delay = "delay", min = "delay minimum", max = "delay maximum", count = "", loop = ""}

-- Returns an entry with the changes.
local function check_entry(changes, entry)
  local checked = {pins = {}}
  for key, value in pairs(entry) do
    checked[key] = value
  end
  if type(changes) ~= "table" then
    fail "All entries must be tables"
  end
  for pin, level in pairs(entry.pins or {}) do
    checked.pins[pin] = level
  end
  for key, value in pairs(changes) do
    value = argument.integer(value, 1, "build")
    if type(key) == "number" then
      if not exists(key) then
        fail("pin number %d must be in range 0 .. 12", key)
      end
      checked.pins[key] = value ~= 0 and gpio.HIGH or gpio.LOW
    elseif not messages[key] then
      fail("Unrecognized key found: %s", tostring(key))
    elseif messages[key] ~= "" and (value < 0 or value > LONGEST) then
      fail("%s of %d must be in the range 0 .. %d microseconds", messages[key], value, LONGEST)
    else
      checked[key] = value
    end
  end
  local delay, min, max = checked.delay or 0, checked.min or 0, checked.max or -1
  if (checked.min or checked.max) and (min > delay or max < delay) then
    fail("Delay of %d must be between min and max", delay)
  end
  return checked
end

function gpio.pulse.build(steps)
  argument.typed(steps, 1, "build", "table")
  if #steps > MOST_ENTRIES then
    fail("table is too large: %d entries is more than %d", #steps, MOST_ENTRIES)
  end
  local program = {}
  for i = 1, #steps do
    program[i] = check_entry(steps[i], {})
  end
  return setmetatable({program = program, position = 1, next_position = 1, count = 0}, Pulse)
end

-- The position is nil behind the last entry.
function Pulse:getstate()
  local now = host.now()
  local position = self.program[self.position] and self.position
  return position or nil, self.count, (self.due or now) - now, now & 0x7fffffff
end

local function finish(self)
  active = nil
  host.post(function() self.callback(self:getstate()) end)
end

-- An entry is left `count` times for its `loop`, then for the next one.
local function choose_next(self, entry)
  local position = self.position
  if entry.loop and entry.loop ~= 0 then
    local left = (self.counters[position] or (entry.count or 0) + 1) - 1
    self.counters[position] = left > 0 and left or nil
    if left > 0 then
      return entry.loop
    end
  end
  return position + 1
end

local function run_entry(self, run)
  if active ~= run then
    return
  end
  self.position, self.count = self.next_position, self.count + 1
  local entry = self.program[self.position]
  if not entry then
    return finish(self)
  end
  for pin, level in pairs(entry.pins) do
    put(pin, level)
  end
  if self.stop_at == true or self.stop_at == self.position then
    return finish(self)
  end
  self.next_position = choose_next(self, entry)
  local us = entry.delay or 0
  self.due = host.now() + us
  after(us, function() run_entry(self, run) end)
end

local function check_callback(callback)
  if type(callback) ~= "function" then
    argument.raise "missing callback"
  end
  return callback
end

-- start([adjust,] callback)
function Pulse:start(adjust, callback)
  if active then
    argument.raise "pulse operation already in progress"
  end
  self.callback = check_callback(tonumber(adjust) and callback or adjust)
  require "netmcu.device.hardware_timer".require()
  self.position, self.next_position, self.count, self.counters, self.stop_at = 1, 1, 0, {}, nil
  active = {pulse = self}
  run_entry(self, active)
end

local function is_active(self)
  return active and active.pulse == self
end

-- stop([position,] callback): the callback replaces that of start.
function Pulse:stop(position, callback)
  if not is_active(self) then
    return
  end
  if type(position) ~= "number" then
    position, callback = -2, position
  end
  position = argument.integer(position, 2, "stop")
  if position ~= -2 and not self.program[position] then
    fail("bad stop position: %d (valid range 1 - %d)", position, #self.program)
  end
  self.callback = check_callback(callback)
  self.stop_at = position == -2 or position
  return true
end

function Pulse:cancel()
  if is_active(self) then
    active = nil
    return self:getstate()
  end
end

-- The clock of a desktop has no drift to correct.
function Pulse:adjust(offset)
  if is_active(self) then
    argument.integer(offset, 2, "adjust")
    return self:getstate()
  end
end

function Pulse:update(position, changes)
  position = argument.integer(position, 2, "update")
  local entry = self.program[position]
  if not entry then
    fail("entry number must be in range 1 .. %d", #self.program)
  end
  self.program[position] = check_entry(changes, entry)
end

return {api = gpio, control = control}
