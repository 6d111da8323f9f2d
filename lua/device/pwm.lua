-- pwm: six pins with a duty of 0 to 1023, and one frequency for all of them. netmcu.gpio.signal
-- returns what is on a pin.

local argument = require "netmcu.device.argument"
local hardware_timer = require "netmcu.device.hardware_timer"
local pins = require "netmcu.parts.pins"

local pwm = {}

local DEPTH, MOST_PINS, MOST_FREQUENCY = 1023, 6, 1000
local OUTPUT, FLOAT = 1, 0
local frequency = 500

local function check_pin(pin, caller)
  pin = argument.integer(pin, 1, caller)
  if pin == 0 or not pins.exists(pin) then
    argument.raise(string.format("pwm %d does not exist", pin))
  end
  return pin
end

local function check_range(is_right)
  if not is_right then
    argument.raise "wrong arg range"
  end
end

local function channel_of(pin)
  return pins.signal(pin, "pwm")
end

local function output(pin, channel, duty)
  channel.frequency, channel.duty = frequency, duty / DEPTH
  pins.set_signal(pin, channel)
end

local function each_channel(visit)
  for pin = 1, 12 do
    local channel = channel_of(pin)
    if channel then
      visit(pin, channel)
    end
  end
end

-- The device keeps the lower 16 bits.
local function set_frequency(value)
  frequency = math.max(1, math.min(value & 0xffff, MOST_FREQUENCY))
  each_channel(function(_, channel) channel.frequency = frequency end)
end

local function check_room()
  local count = 0
  each_channel(function() count = count + 1 end)
  if count == MOST_PINS then
    argument.raise "too many pwms."
  end
end

function pwm.setup(pin, clock, duty)
  if argument.integer(pin, 1, "setup") == 0 then
    argument.raise "no pwm for D0"
  end
  pin, clock = check_pin(pin, "setup"), argument.integer(clock, 2, "setup")
  check_range(clock > 0)
  duty = argument.integer(duty, 3, "setup")
  check_range(duty >= 0 and duty <= DEPTH)
  pins.set_mode(pin, OUTPUT, FLOAT)
  check_room()
  output(pin, {module = "pwm", wanted = duty}, 0)
  set_frequency(clock)
  return frequency
end

-- The pin keeps its level.
function pwm.close(pin)
  pin = check_pin(pin, "close")
  if channel_of(pin) then
    pins.set_mode(pin, OUTPUT, FLOAT)
  end
end

-- Returns false if the timer is not available. A level that does not change needs none.
local function begin(pin, channel)
  local duty = channel.wanted
  local is_possible = duty == 0 or duty == DEPTH or hardware_timer.share()
  if is_possible then
    output(pin, channel, duty)
  end
  return is_possible
end

function pwm.start(pin)
  pin = check_pin(pin, "start")
  local channel = channel_of(pin)
  if not channel or not begin(pin, channel) then
    argument.raise "Unable to start PWM output"
  end
end

function pwm.stop(pin)
  pin = check_pin(pin, "stop")
  local channel = channel_of(pin)
  if channel then
    output(pin, channel, 0)
  end
end

function pwm.setclock(pin, clock)
  pin, clock = check_pin(pin, "setclock"), argument.integer(clock, 2, "setclock")
  check_range(clock > 0)
  if not channel_of(pin) then
    return 0
  end
  set_frequency(clock)
  return frequency
end

function pwm.getclock(pin)
  return channel_of(check_pin(pin, "getclock")) and frequency or 0
end

-- As on the device, this also starts a pin that was not started, if the timer is available, and a
-- negative duty is the highest.
function pwm.setduty(pin, duty)
  pin, duty = check_pin(pin, "setduty"), argument.integer(duty, 2, "setduty")
  check_range(duty <= DEPTH)
  local channel = channel_of(pin)
  if not channel then
    return 0
  end
  channel.wanted = duty < 0 and DEPTH or duty
  begin(pin, channel)
  return channel.wanted
end

function pwm.getduty(pin)
  local channel = channel_of(check_pin(pin, "getduty"))
  return channel and channel.wanted or 0
end

return {api = pwm}
