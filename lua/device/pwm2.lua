-- pwm2: a frequency and a duty for each pin. netmcu.gpio.signal returns what is on a pin while the
-- module is started.

local argument = require "netmcu.device.argument"
local device = require "netmcu.device.init"
local hardware_timer = require "netmcu.device.hardware_timer"
local pins = require "netmcu.parts.pins"

local pwm2 = {}

local INPUT, OUTPUT, PULLUP = 0, 1, 1
local setups, is_started = {}, false

-- The C function reads a missing argument, or a wrong one, as 0.
local function integer(value)
  return argument.optional_integer(value, 0)
end

local function check_pin(pin, position, caller)
  argument.check(pin > 0 and pins.exists(pin), position, caller, "invalid pin number")
  return pin
end

local function output(pin, setup)
  setup.signal.duty = setup.duty / setup.period
  pins.set_signal(pin, setup.signal)
end

-- A pin has `over / under` pulses per second, each of `period` steps.
local function set_up(caller, pin, number, period, duty, divisor, is_hz)
  if is_started then
    argument.raise "pwm2 : already started, stop it before setting up pins."
  end
  pin = check_pin(integer(pin), 1, caller)
  number, period, duty = integer(number), integer(period), integer(duty)
  divisor = divisor == nil and 1 or argument.integer(divisor, 5, caller)
  argument.check(number > 0, 2, caller, "invalid frequency")
  argument.check(period > 0, 3, caller, "invalid frequency resolution")
  argument.check(duty >= 0 and duty <= period, 4, caller, "invalid duty")
  argument.check(divisor > 0, 5, caller, "invalid frequency fractions")
  local over, under = is_hz and number or divisor, is_hz and divisor or number
  local signal = {module = "pwm2", frequency = over / under}
  setups[pin] = {period = period, duty = duty, over = over, under = under, signal = signal}
end

function pwm2.setup_pin_hz(pin, hz, period, duty, divisor)
  set_up("setup_pin_hz", pin, hz, period, duty, divisor, true)
end

function pwm2.setup_pin_sec(pin, seconds, period, duty, divisor)
  set_up("setup_pin_sec", pin, seconds, period, duty, divisor, false)
end

function pwm2.start()
  if not hardware_timer.occupy() then
    argument.raise "pwm2: currently platform timer1 is being used by another module."
  elseif not is_started then
    is_started = true
    for pin, setup in pairs(setups) do
      pins.set_mode(pin, OUTPUT, PULLUP)
      output(pin, setup)
    end
  end
  return true
end

function pwm2.stop()
  if is_started then
    is_started = false
    hardware_timer.release()
    for pin in pairs(setups) do
      pins.set_mode(pin, INPUT, PULLUP)
    end
  end
end

-- The arguments end with the first nil.
local function read_pin(position, caller, ...)
  local pin = select(position, ...)
  return pin ~= nil and check_pin(argument.integer(pin, position, caller), position, caller) or nil
end

-- set_duty(pin, duty [, pin, duty …])
function pwm2.set_duty(...)
  for position = 1, select("#", ...), 2 do
    local pin = read_pin(position, "set_duty", ...)
    if not pin then
      return
    end
    local duty = select(position + 1, ...)
    duty = duty == nil and -1 or argument.integer(duty, position + 1, "set_duty")
    local setup = setups[pin]
    argument.check(duty >= 0 and duty <= (setup and setup.period or 0), position + 1, "set_duty", "invalid duty")
    if not setup then
      argument.raise(string.format("pwm2 : pin=%d is not setup yet", pin))
    end
    setup.duty = duty
    if is_started then
      output(pin, setup)
    end
  end
end

function pwm2.release_pin(...)
  if is_started then
    argument.raise "pwm2 : pwm is started, stop it first."
  end
  for position = 1, select("#", ...) do
    local pin = read_pin(position, "release_pin", ...)
    if not pin then
      return
    end
    setups[pin] = nil
  end
end

function pwm2.print_setup()
  device.write(string.format("pwm2 : isStarted %d\n", is_started and 1 or 0))
  device.write "pin, duty, pulse, frequency\n"
  for pin = 1, 12 do
    local setup = setups[pin]
    if setup then
      device.write(string.format("%d, %d, %d, %g\n", pin, setup.duty, setup.period, setup.signal.frequency))
    end
  end
end

-- --- what the timer of the chip would count; nothing here is measured ---

local TIMER_MHZ = 5

local function mhz()
  return device.module "node".getcpufreq()
end

-- Returns how many cycles of the processor a step of a pin takes, in the firmware's 32 bits.
local function cycles(setup)
  return mhz() * 1000000 // (setup.over * setup.period) * setup.under & 0xffffffff
end

-- Returns how many cycles pass between two interrupts: the greatest common divisor of all steps.
local function interval()
  local divisor = 0
  for _, setup in pairs(setups) do
    local other = cycles(setup)
    while other ~= 0 do
      divisor, other = other, divisor % other
    end
  end
  return divisor
end

function pwm2.get_timer_data()
  return is_started, interval(), interval() * TIMER_MHZ // mhz()
end

function pwm2.get_pin_data(pin)
  local setup = setups[check_pin(argument.integer(pin, 1, "get_pin_data"), 1, "get_pin_data")]
  if not setup then
    return 0, 0, 0, 0, 0, 0, 0
  end
  local step = cycles(setup)
  return 1, setup.duty, setup.period, setup.under, setup.over, step, step // math.max(1, interval())
end

return {api = pwm2}
