-- pwm and sigma_delta put signals on pins, where a test, and the script itself, can read them.

local expect = require "expect"
local netmcu = require "netmcu"
local pins = netmcu.gpio
local refuses = expect.refuses

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
refuses("pwm2: currently platform timer1 is being used by another module.", pwm2.start)

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
