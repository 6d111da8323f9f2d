#!/bin/sh
# pcm: chunks are asked for and played at the pace of the rate, in virtual time.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/script.lua" <<'SCRIPT'
local netmcu = require "netmcu"

local start
local function note(...)
  print((tmr.now() - start) // 1000, ...)
end

local function source(chunk, count)
  return function()
    count = count - 1
    note("data", count >= 0)
    return count >= 0 and chunk or nil
  end
end

local player = pcm.new(pcm.SD, 4)
netmcu.pcm.on(4, function(chunk, rate) note("plays " .. #chunk, rate) end)

local function play_twice()
  player:on("data", source(("\028"):rep(400) .. ("\128"):rep(400), 2))
  player:on("vu", function(self, peak) assert(self == player) note("vu", peak) end, 20)
  player:on("drained", function(self)
    note "drained"
    self:on "vu"
    self:on("data", source(("\0"):rep(1000), 9))
    self:on("drained")
    self:play(pcm.RATE_1K)
  end)
  player:play()
end

start = tmr.now()
play_twice()
tmr.create():alarm(700, tmr.ALARM_SINGLE, function()
  player:on("paused", function() note "paused" end)
  player:pause()
end)
tmr.create():alarm(5000, tmr.ALARM_SINGLE, function() player:play(pcm.RATE_1K) end) -- half a second is left
tmr.create():alarm(5700, tmr.ALARM_SINGLE, function()
  player:on("stopped", function() note "stopped" end)
  player:stop()
  note(netmcu.gpio.signal(4))
  player:close()
  note(netmcu.gpio.signal(4))
  player:on("data", function() player:close() end) -- closed in a callback
  player:play()
end)

local function refuses(text, fn, ...)
  local done, problem = pcall(fn, ...)
  assert(not done and problem:find(text, 1, true), tostring(problem) .. ", not " .. text)
end
refuses("bad argument #1 to 'new' (invalid driver)", pcm.new, 1, 1)
refuses("sigma_delta 0 does not exist", pcm.new, pcm.SD, 0)
refuses("bad argument #2 to 'play' (invalid bit rate)", player.play, player, 8)
refuses("method not supported", player.on, player, "end", print)
refuses("bad argument #4 to 'on' (invalid range)", player.on, pcm.new(pcm.SD, 5), "vu", print, 201)
refuses("pcm.driver expected", player.play, {})
SCRIPT
same 'the events' '0	data	true
0	data	true
0	plays 800	8000
50	vu	100
100	vu	0
100	plays 800	8000
100	data	false
150	vu	100
200	vu	0
200	data	false
200	data	false
200	drained
200	data	true
200	data	true
200	plays 1000	1000
700	paused
5500	plays 1000	1000
5500	data	true
5700	stopped
5700	31250.0	0.0
5700' "$("$NETMCU" --sim "$work/script.lua")"
