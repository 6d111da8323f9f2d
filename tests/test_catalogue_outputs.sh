#!/bin/sh
# The outputs of the catalogue, in virtual time: what radio switches and blinds send on a pin, a
# pointer that moves and stops, and wps.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/script.lua" <<'SCRIPT'
local netmcu = require "netmcu"

local function refuses(text, fn, ...)
  local done, problem = pcall(fn, ...)
  assert(not done and problem:find(text, 1, true), tostring(problem) .. ", not " .. text)
end

-- Returns a function that returns the levels so far, each with the µs that it lasted.
local function record(pin)
  local list, before = {}, nil
  netmcu.gpio.on(pin, function(level)
    if before then
      list[#list] = list[#list] .. ":" .. tmr.now() - before
    end
    list[#list + 1], before = level, tmr.now()
  end)
  return function() return table.concat(list, " ") end
end

-- 2 bits, with protocol 1 and pulses of 100 µs
local sent = record(3)
rfswitch.send(1, 100, 1, 3, 2, 2)
assert(netmcu.gpio.mode(3) == gpio.OUTPUT)
print(sent())
sent = record(3)
rfswitch.send(6, 100, 1, 3, 0, 1) -- an inverted one
print(sent())
sent = record(3)
print(rc.send(3, 1, 1, 100, 2, 2))
print(sent())
refuses("bad argument #1 to 'send' (invalid protocol)", rfswitch.send, 7, 100, 1, 3, 2, 2)
refuses("bad argument #6 to 'send' (invalid number of bits)", rfswitch.send, 1, 100, 1, 3, 2, 33)
refuses("gpio 13 does not exist", rfswitch.send, 1, 100, 1, 13, 2, 2)
refuses("bad argument #6 to 'send' (number expected, got no value)", rc.send, 3, 1, 1, 100, 2)

-- A frame has 56 bits of 1280 µs between two and seven syncs and a silence; the first one has a
-- pulse that wakes the receiver.
local start = tmr.now()
local edges = 0
netmcu.gpio.on(4, function() edges = edges + 1 end)
somfy.sendcommand(4, 0x123456, somfy.DOWN, 7, 2, function()
  print("sent", edges, (tmr.now() - start) // 1000)
end)
somfy.listen(2, function(number, command, code, frame)
  print("heard", number, command == somfy.UP, code, (frame:gsub(".", function(c) return ("%02x"):format(c:byte()) end)))
  somfy.listen()
  print(netmcu.somfy.send(2, 1, 1, 1))
end)
assert(netmcu.gpio.mode(2) == gpio.INT)
print(netmcu.somfy.send(2, 0x123456, somfy.UP, 300), netmcu.somfy.send(3, 1, 1, 1))
refuses("Invalid parameters", somfy.listen, nil, print)
refuses("bad argument #1 to 'listen' (Invalid interrupt pin)", somfy.listen, 0, print)
refuses("bad argument #1 to 'sendcommand' (Invalid pin)", somfy.sendcommand, 13, 1, 1, 1)
refuses("bad argument #4 to 'sendcommand' (number expected, got no value)", somfy.sendcommand, 1, 1, 1)

-- A pointer takes 945 steps of at least 600 µs, and is faster in the middle.
switec.setup(0, 5, 6, 7, 8)
print(switec.getpos(0))
switec.moveto(0, 945, function()
  print("there", switec.getpos(0))
  print(gpio.read(5), gpio.read(6), gpio.read(7), gpio.read(8), (tmr.now() - start) // 100000)
  switec.moveto(0, 0)
  refuses("Unable to close stepper.", switec.close, 0)
  refuses("Unable to reset stepper.", switec.reset, 0)
end)
tmr.create():alarm(500, tmr.ALARM_SINGLE, function()
  local position, direction = switec.getpos(0)
  assert(position > 400 and position < 800 and direction == 1, position)
end)
tmr.create():alarm(5000, tmr.ALARM_SINGLE, function()
  print("back", switec.getpos(0))
  switec.reset(0)
  switec.close(0)
  refuses("Unable to move stepper.", switec.moveto, 0, 1)
  refuses("Unable to get position.", switec.getpos, 0)
end)
refuses("switec 3 does not exist", switec.moveto, 3, 0)
refuses("bad argument #5 to 'setup' (Invalid pin)", switec.setup, 1, 1, 2, 3, 13)

wps.start(print) -- not enabled: nothing comes
wps.enable()
wps.start(function(status) print("wps", status == wps.SUCCESS) end)
wps.start()
refuses("Argument not a function", wps.start, 5)

gdbstub.open()
gdbstub.gdboutput(1)
gdbstub.brk()
gdbstub.pbrk()
SCRIPT
same 'the output' '1:300 0:100 1:100 0:300 1:100 0:3100 0
0:100 1:200 0:2300 1:100 0
pulseLen:100
Protocol:2
repeat:2
2
1:200 0:100 1:100 0:1000 1:200 0:100 1:100 0:1000 0
true	false
0	0
heard	1193046	true	300	a727012c123456000000
false
wps	true
sent	250	360
there	945	0
0	1	1	0	9
back	0	0' "$("$NETMCU" --sim "$work/script.lua")"
