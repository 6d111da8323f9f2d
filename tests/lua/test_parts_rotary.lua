-- A rotary switch that is plugged in turns for a script that uses the module `rotary`, and for one
-- that watches its pins.

local netmcu = require "netmcu"
local expect = require "expect"
local refuses = expect.refuses

local part = netmcu.part("rotary", {pin = 5, b = 6, button = 7, position = 2})
gpio.mode(7, gpio.INPUT, gpio.PULLUP)
assert(gpio.read(5) == 0 and gpio.read(6) == 0 and gpio.read(7) == 1)

-- As scripts do without the module: at each edge of A, B shows the direction.
local count = 0
local function await(condition)
  assert(netmcu.wait(condition), count)
end
gpio.mode(5, gpio.INT, gpio.PULLUP)
gpio.mode(6, gpio.INPUT, gpio.PULLUP)
gpio.trig(5, "both", function(level)
  count = count + (level == gpio.read(6) and 1 or -1)
end)
part:set {position = 10}
await(function() return count == 4 end)
part:set {position = -4}
await(function() return count == -3 and gpio.read(6) == 1 end)
part:set {pressed = 1}
assert(gpio.read(7) == 0)
part:set {pressed = 0}
assert(gpio.read(7) == 1)
gpio.mode(5, gpio.INPUT, gpio.PULLUP)

-- The module uses the same switch, and counts from 0.
rotary.setup(1, 5, 6, 7)
local events = {}
rotary.on(1, rotary.TURN | rotary.PRESS, function(event, position)
  events[#events + 1] = event .. " " .. position
end)
part:set {position = -3}
part:set {position = 0}
await(function() return rotary.getpos(1) == 4 end)
netmcu.rotary.turn(1, -12) -- at once, and therefore one event
await(function() return events[#events] == "8 -8" end)
netmcu.rotary.press(1, 1)
await(function() return events[#events] == "1 -8" and part:value "pressed" == 0 end)
assert(part:value "position" == -12 and events[1]:find "^8 [1-4]$")
rotary.close(1)

-- A switch at other pins is another one, and one whose button the script names has that button.
rotary.setup(1, 5, 4)
netmcu.rotary.turn(1, 4)
await(function() return rotary.getpos(1) == 4 end)
rotary.close(1)
part = netmcu.part("rotary", {pin = 5, b = 6})
rotary.setup(1, 5, 6, 7)
netmcu.rotary.press(1, 20)
await(function() return select(2, rotary.getpos(1)) == rotary.PRESS end)
await(function() return part:value "pressed" == 0 end)
rotary.close(1)

-- One that does not answer keeps its contacts as they are.
part:set {failing = "silent"}
part:set {position = -9, pressed = 1}
assert(gpio.read(5) == 1 and gpio.read(6) == 1 and gpio.read(7) == 1)
refuses("part rotary: b: missing, as in --part rotary,pin=5,b=6,button=7", netmcu.part, "rotary", {pin = 5})
refuses("part rotary: pin, b and button: different pins expected", netmcu.part, "rotary", {pin = 5, b = 5})
refuses("part rotary: pin: missing, as in --part rotary,pin=4", netmcu.part, "rotary", {b = 5})
refuses("part rotary: button: an integer from 0 to 12 expected", netmcu.part, "rotary", {pin = 5, b = 6, button = 13})

-- Without one, setup plugs one in.
rotary.setup(0, 1, 2)
local function last()
  local all = require "netmcu.parts.init".list()
  return all[#all]
end
assert(last().kind == "rotary" and last().settings.b == 2)
netmcu.rotary.turn(0, 4)
assert(last():value "position" == 4 and rotary.getpos(0) == 4)
rotary.close(0)

expect.finish()
