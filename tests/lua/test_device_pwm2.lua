-- pwm2 puts signals on pins, each with a frequency of its own, and takes the chip's timer for them.

local expect = require "expect"
local netmcu = require "netmcu"
local pins = netmcu.gpio
local refuses = expect.refuses

local function has(pin, frequency, duty)
  local actual, actual_duty = pins.signal(pin)
  assert(actual == frequency and math.abs(actual_duty - duty) < 1e-6, ("%s Hz, %s"):format(actual, actual_duty))
end

pwm2.setup_pin_hz(8, 1, 2, 1)
pwm2.setup_pin_hz(9, 1001, 100, 25, 10)
pwm2.setup_pin_sec(10, 4, 100, 100)
expect.nothing(pins.signal(8))
pwm2.start()
has(8, 1, 0.5)
has(9, 100.1, 0.25)
has(10, 0.25, 1)
assert(gpio.read(8) == 1 and gpio.read(10) == 1) -- the period begins with the pulse
pwm2.set_duty(8, 2, 9, 0)
has(8, 1, 1)
has(9, 100.1, 0)
refuses("pwm2 : already started, stop it before setting up pins.", pwm2.setup_pin_sec, 8, 1, 1, 1)
refuses("pwm2 : pwm is started, stop it first.", pwm2.release_pin, 8)
refuses("bad argument #2 to 'set_duty' (invalid duty)", pwm2.set_duty, 8, 3)
refuses("bad argument #4 to 'set_duty' (invalid duty)", pwm2.set_duty, 8, 1, 9)
refuses("bad argument #3 to 'set_duty' (invalid pin number)", pwm2.set_duty, 8, 1, 13, 1)
refuses("pwm2 : pin=11 is not setup yet", pwm2.set_duty, 11, 0)
local printed = {}
require "netmcu.device.init".setwriter(function(text) printed[#printed + 1] = text end)
pwm2.print_setup()
require "netmcu.device.init".setwriter(nil)
assert(table.concat(printed):find("isStarted 1\n.*\n8, 1, 2, 1\n9, 0, 100, 100.1\n10, 100, 100, 0.25\n"))
pwm2.stop()
expect.nothing(pins.signal(8))
assert(pins.mode(8) == gpio.INPUT)
pwm2.release_pin(8, 9)
refuses("bad argument #2 to 'set_duty' (number expected, got string)", pwm2.set_duty, 10, "x")
refuses("bad argument #1 to 'setup_pin_hz' (invalid pin number)", pwm2.setup_pin_hz)
pwm2.set_duty(10, 100, nil, 5) -- ends at the nil
pwm2.start()
expect.nothing(pins.signal(8))
has(10, 0.25, 1)
pwm2.stop()
for position, arguments in ipairs {{0, 1, 1, 1}, {1, 0, 1, 1}, {1, 1, 0, 0}, {1, 1, 1, 2}, {1, 1, 1, 1, 0}} do
  refuses("bad argument #" .. position .. " to 'setup_pin_hz' (invalid", pwm2.setup_pin_hz, table.unpack(arguments))
end

-- What the chip's timer would count: 400 cycles of 80 MHz for half a pulse of 100 kHz.
local function returns(wanted, ...)
  assert(table.concat({tostring(...), select(2, ...)}, " ") == wanted, table.concat({tostring(...), select(2, ...)}, " "))
end
pwm2.release_pin(10)
returns("false 0 0", pwm2.get_timer_data())
pwm2.setup_pin_hz(1, 100000, 2, 1)
returns("false 400 25", pwm2.get_timer_data())
pwm2.setup_pin_sec(2, 3, 2, 0, 2)
pwm2.setup_pin_hz(3, 1001, 4, 3, 10)
node.setcpufreq(node.CPU160MHZ)
returns("1 1 2 1 100000 800 2", pwm2.get_pin_data(1))
returns("1 0 2 3 2 120000000 300000", pwm2.get_pin_data(2))
returns("1 3 4 10 1001 399600 999", pwm2.get_pin_data(3))
returns("0 0 0 0 0 0 0", pwm2.get_pin_data(10))
assert(pwm2.start() == true and pwm2.start() == true)
returns("true 400 12", pwm2.get_timer_data())
pwm2.stop()
node.setcpufreq(node.CPU80MHZ)
pwm2.release_pin(1, 2, 3)
pwm2.setup_pin_hz(1, 2147483647, 2147483647, 1) -- too fast for the timer
returns("false 0 0", pwm2.get_timer_data())
returns("1 1 2147483647 1 2147483647 0 0", pwm2.get_pin_data(1))
pwm2.release_pin(1)
refuses("bad argument #1 to 'get_pin_data' (invalid pin number)", pwm2.get_pin_data, 0)
refuses("bad argument #1 to 'get_pin_data' (number expected, got no value)", pwm2.get_pin_data)

-- Other modules cannot have the timer while pwm2 has it, and keep it once they have had it.
local taken = "pwm2: currently platform timer1 is being used by another module."
pwm.setup(4, 100, 1)
pwm2.setup_pin_hz(1, 1, 2, 1)
pwm2.start()
refuses("Unable to start PWM output", pwm.start, 4)
assert(pwm.setduty(4, 512) == 512)
has(4, 100, 0)
refuses("Unable to setup stepper.", switec.setup, 0, 5, 6, 7, 8)
refuses("Unable to initialize timer", somfy.sendcommand, 5, 1, somfy.UP, 1)
refuses("Unable to initialize timer", perf.start)
refuses("Unable to initialize timer", gpio.serout, 5, 1, {1000}, 1, function() end)
gpio.serout(5, 1, {1}) -- blocks, and needs no timer
local pulse = gpio.pulse.build {{[5] = 1, delay = 1000}}
refuses("Unable to initialize timer", pulse.start, pulse, function() end)
local sound = pcm.new(pcm.SD, 6)
sound:on("data", expect.never "data")
sound:play()
pwm.setduty(4, 1023) -- a level that does not change needs no timer
pwm.start(4)
has(4, 100, 1)
pwm2.stop()
refuses("bad argument #5 to 'setup' (Invalid pin)", switec.setup, 0, 5, 6, 7, 13)
assert(pwm2.start())
pwm2.stop()
switec.setup(0, 5, 6, 7, 8)
refuses(taken, pwm2.start)
