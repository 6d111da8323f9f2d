-- pwm, pwm2 and sigma_delta put signals on pins, where a test, and the script itself, can read them.

local expect = require "expect"
local netmcu = require "netmcu"
local pins = netmcu.gpio

local function refuses(text, fn, ...)
  local done, problem = pcall(fn, ...)
  assert(not done and problem:find(text, 1, true), tostring(problem) .. ", not " .. text)
end

local function has(pin, frequency, duty)
  local actual, actual_duty = pins.signal(pin)
  assert(actual == frequency and math.abs(actual_duty - duty) < 1e-6, ("%s Hz, %s"):format(actual, actual_duty))
end

-- Reads the pin until both levels have been seen.
local function alternates(pin)
  local seen = {}
  repeat
    seen[gpio.read(pin)] = true
  until seen[0] and seen[1]
end

-- pwm: one frequency for six pins
local seen = {}
pins.on(1, function(level, pin) seen[#seen + 1] = pin .. "=" .. level end)
assert(pwm.setup(1, 100, 512) == 100 and gpio.read(1) == 0)
has(1, 100, 0)
pwm.start(1)
has(1, 100, 512 / 1023)
assert(pwm.setup("2", "2000", "1023") == 1000 and pwm.getclock(1) == 1000) -- the highest, for all pins
has(1, 1000, 512 / 1023)
pwm.start(2)
has(2, 1000, 1)
assert(gpio.read(2) == 1 and pwm.getduty(1) == 512)
assert(pwm.setduty(1, 0) == 0 and gpio.read(1) == 0 and pwm.setduty(1, -1) == 1023 and gpio.read(1) == 1)
assert(table.concat(seen, " ") == ("1=0 1=%s 1=0 1=1"):format(512 / 1023), table.concat(seen, " "))
pwm.stop(1)
assert(gpio.read(1) == 0 and pwm.getduty(1) == 1023)
gpio.write(1, 1) -- a stopped pin takes levels
assert(gpio.read(1) == 1)
assert(pwm.setclock(1, 65537) == 1 and pwm.getclock(2) == 1) -- 16 bits
for pin = 3, 6 do
  pwm.setup(pin, 500, pin)
end
refuses("too many pwms.", pwm.setup, 7, 500, 7)
assert(pwm.setup(6, 500, 8) == 500 and pwm.getduty(6) == 8)
pwm.close(6)
expect.nothing(pins.signal(6))
assert(pwm.setup(7, 500, 7) == 500)
gpio.mode(7, gpio.OUTPUT) -- ends it
expect.nothing(pins.signal(7))
assert(pwm.getclock(7) == 0 and pwm.getduty(7) == 0 and pwm.setduty(7, 1) == 0 and pwm.setclock(7, 1) == 0)
pwm.setduty(2, 256)
pwm.setclock(2, 1000)
alternates(2)
refuses("no pwm for D0", pwm.setup, 0, 1, 1)
refuses("pwm 13 does not exist", pwm.setup, 13, 1, 1)
refuses("pwm 0 does not exist", pwm.close, 0)
refuses("wrong arg range", pwm.setup, 1, 0, 1)
assert(pwm.setup(6, 1000, 0) == 1000 and gpio.read(6) == 0 and netmcu.gpio.mode(6) == gpio.OUTPUT)
refuses("wrong arg range", pwm.setup, 1, 1, 1024)
refuses("wrong arg range", pwm.setup, 1, 1, -1)
refuses("wrong arg range", pwm.setduty, 1, 1024)
refuses("wrong arg range", pwm.setclock, 1, -1)
refuses("Unable to start PWM output", pwm.start, 9)
refuses("bad argument #3 to 'setup' (number expected, got no value)", pwm.setup, 1, 1)

-- pwm2: a frequency for each pin
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

-- sigma_delta: one generator
sigma_delta.setup(11)
sigma_delta.setup(12)
sigma_delta.setpwmduty(64)
has(11, 80000000 / 256 / 64, 0.25)
has(12, 80000000 / 256 / 64, 0.25)
sigma_delta.setprescale(0)
sigma_delta.settarget(255)
has(12, 312500, 255 / 256)
sigma_delta.setpwmduty(0)
assert(gpio.read(12) == 0)
sigma_delta.close(12)
expect.nothing(pins.signal(12))
assert(pins.mode(12) == gpio.INPUT)
refuses("sigma_delta 0 does not exist", sigma_delta.setup, 0)
for _, name in ipairs {"setpwmduty", "setprescale", "settarget"} do
  refuses("wrong arg range", sigma_delta[name], 256)
  refuses("wrong arg range", sigma_delta[name], -1)
end
