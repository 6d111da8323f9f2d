#!/bin/sh
# rotary: turns, presses, clicks, double clicks and long presses, in virtual time.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/script.lua" <<'SCRIPT'
local netmcu = require "netmcu"
local names = {[1] = "press", [2] = "long", [4] = "release", [8] = "turn", [16] = "click", [32] = "double"}

local function at(ms, fn)
  tmr.create():alarm(ms, tmr.ALARM_SINGLE, fn)
end

local function watch(channel)
  rotary.on(channel, rotary.ALL, function(event, position, when)
    print(("%s %d %d"):format(names[event], position, when // 1000))
  end)
end

rotary.setup(0, 5, 6, 7)
watch(0)
assert(netmcu.gpio.mode(5) == gpio.INT and gpio.read(7) == 1)
netmcu.rotary.turn(0, 4) -- one event, because nothing has looked at it yet
at(1000, function() netmcu.rotary.turn(0, -6) end)
at(2000, function() netmcu.rotary.press(0) end)
at(3000, function() netmcu.rotary.press(0, 700) end)
at(5000, function() netmcu.rotary.press(0) end)
at(5200, function() netmcu.rotary.press(0) end)
at(7000, function() -- turned while it is pressed
  netmcu.gpio.set(7, 0)
  netmcu.rotary.turn(0, 1)
  assert(select(2, rotary.getpos(0)) == rotary.PRESS)
end)
at(7005, function() netmcu.gpio.set(7, 1) end) -- a contact that bounces
at(7030, function() netmcu.gpio.set(7, 1) end)
at(8000, function()
  rotary.setup(2, 1, 2, 3, 100, 50)
  watch(2)
  netmcu.rotary.press(2, 150)
  rotary.on(0, rotary.TURN, nil) -- the others stay
  netmcu.rotary.turn(0, 1)
  netmcu.rotary.press(0, 20)
end)
at(9000, function()
  print(rotary.getpos(0))
  netmcu.gpio.set(5, 1 - gpio.read(5)) -- both phases at once: a step was missed
  rotary.close(0)
  print(select("#", rotary.getpos(0)), (pcall(netmcu.rotary.turn, 0, 1)))
  rotary.close(2)
  rotary.close(2)
end)

local function refuses(text, fn, ...)
  local done, problem = pcall(fn, ...)
  assert(not done and problem:find(text, 1, true), tostring(problem) .. ", not " .. text)
end
refuses("rotary 3 does not exist", rotary.setup, 3, 1, 2)
refuses("bad argument #2 to 'setup' (Invalid pin)", rotary.setup, 1, 0, 2)
refuses("bad argument #4 to 'setup' (Invalid pin)", rotary.setup, 1, 1, 2, 13)
refuses("bad argument #5 to 'setup' (Invalid timeout)", rotary.setup, 1, 1, 2, 3, 0)
refuses("Unable to set callback.", rotary.on, 0, rotary.ALL, 5)
refuses("bad argument #2 to 'on' (number expected, got no value)", rotary.on, 0, nil, print)
refuses("this switch has no button", function()
  rotary.setup(1, 9, 10)
  netmcu.rotary.press(1)
end)
SCRIPT
same 'the events' 'turn 4 0
turn -2 1000
press -2 2000
release -2 2050
click -2 2550
press -2 3000
long -2 3500
release -2 3700
click -2 4200
press -2 5000
release -2 5050
press -2 5200
release -2 5250
double -2 5250
press -2 7000
turn -1 7000
release -1 7030
click -1 7530
press 0 8000
press 0 8000
release 0 8020
long 0 8100
release 0 8150
click 0 8200
click 0 8520
0	4
0	false' "$("$NETMCU" --sim "$work/script.lua")"
