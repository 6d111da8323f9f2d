-- The pins 0 to 12, for the modules that use them. The chip writes levels and puts signals on them;
-- a test or a part drives them from outside.
--
-- By pin: pins.levels has the level that was written, or put on the pin from outside; pins.modes
-- has the mode that gpio has set; pins.parts has the part that a script may drive by gpio calls.
-- Such a part has two methods: level(part) returns what the pin reads, or nil; moved(part, level,
-- is_output) is called for each write and each change of the mode. pins.users has the name of what
-- uses the pin without setting its mode, such as a bus.
--
-- A signal is a table that a module owns: {module = "pwm", frequency = Hz, duty = 0 to 1}. It ends
-- when a pin gets another mode.

local host = require "netmcu.host"

local pins = {levels = {}, modes = {}, parts = {}, users = {}}

local COUNT = 13
local INPUT, OUTPUT, OPENDRAIN, INT, PULLUP = 0, 1, 2, 3, 1
local levels, modes = pins.levels, pins.modes
local pulls, signals, driven, watchers, hooks = {}, {}, {}, {}, {}
for pin = 0, COUNT - 1 do
  levels[pin], modes[pin], pulls[pin] = 0, INPUT, 0
end

function pins.exists(pin)
  return pin >= 0 and pin < COUNT
end

-- Returns the level now. A signal is high at the start of each of its periods.
function pins.level(pin)
  local part, signal = pins.parts[pin], signals[pin]
  local level = part and part:level()
  if level then
    return level
  end
  if not signal or signal.duty == 0 or signal.duty == 1 then
    return levels[pin]
  end
  return (host.now() - signal.since) * signal.frequency % 1000000 < signal.duty * 1000000 and 1 or 0
end

local function tell_part(pin)
  local part = pins.parts[pin]
  if part then
    part:moved(levels[pin], modes[pin] == OUTPUT or modes[pin] == OPENDRAIN)
  end
end

local function tell(pin, level)
  tell_part(pin)
  if watchers[pin] then
    watchers[pin](level, pin)
  end
end

function pins.write(pin, level)
  levels[pin] = level
  tell(pin, level)
end

-- Calls fn(level, pin) when the chip writes to the pin. The level of a signal is its duty.
function pins.watch(pin, fn)
  watchers[pin] = fn
end

-- Calls fn(before, level, pin) when the level is changed from outside. A pin has one such function.
function pins.hook(pin, fn)
  hooks[pin] = fn
end

function pins.drive(pin, level)
  local before = levels[pin]
  levels[pin], driven[pin] = level, level
  if hooks[pin] then
    hooks[pin](before, level, pin)
  end
end

-- Unless something outside drives it, an input with a pull-up reads 1.
function pins.set_mode(pin, mode, pull)
  modes[pin], pulls[pin], signals[pin], pins.users[pin] = mode, pull, nil, nil
  if mode ~= INT then
    hooks[pin] = nil
  end
  if pull == PULLUP and (mode == INPUT or mode == INT) then
    levels[pin] = driven[pin] or 1
  end
  tell_part(pin)
end

function pins.use(user, ...)
  for _, pin in ipairs {...} do
    pins.users[pin] = user
  end
end

function pins.mode(pin)
  return modes[pin], pulls[pin]
end

-- Puts a signal on the pin, or reports a change of the signal that is there.
function pins.set_signal(pin, signal)
  signal.since = signals[pin] == signal and signal.since or host.now()
  signals[pin] = signal
  local constant = math.tointeger(signal.duty)
  levels[pin] = constant or levels[pin]
  tell(pin, constant or signal.duty)
end

-- Returns the signal that the module has put on the pin. Without `module`, returns any signal.
function pins.signal(pin, module)
  local signal = signals[pin]
  return signal and (not module or signal.module == module) and signal or nil
end

return pins
