#!/bin/sh
# The clock on LEDs of the examples: a dot until a time server has answered, then the time.
. "$NETMCU_SOURCE/tests/support/shell.sh"

cat >"$work/clock_test.lua" <<'TEST'
local netmcu = require "netmcu"

local SINCE_1900 = 2208988800
local TIME = 1767264137 -- 2026-01-01 10:42:17 in UTC, so 11:42 for the clock

local strip = netmcu.part("ws2812", {leds = 60})
local server = net.createUDPSocket()
server:listen(0, "127.0.0.1")
server:on("receive", function(self, request, port, ip)
  local now = struct.pack(">I4I4", TIME + SINCE_1900, 0)
  self:send(port, ip, "\x24\1\6\xec" .. ("\0"):rep(12) .. now .. request:sub(41, 48) .. now .. now)
end)
netmcu.resolve("pool.ntp.org:123=127.0.0.1:" .. server:getaddr())

netmcu.test("a blue dot waits for the time", function()
  netmcu.script "init.lua"
  assert(table.concat({strip:led(1)}, " ") == "0 0 40")
end)

netmcu.test("the LEDs show the time", function()
  assert(netmcu.wait(function() return strip:led(59) == 40 end), "no hour")
  assert(select(2, strip:led(43)) == 40, "no minute")
  local seconds = rtctime.get() - TIME + 17
  assert(seconds >= 17 and seconds < 80)
  local blue = {}
  for i = 1, 60 do
    blue[#blue + 1] = select(3, strip:led(i)) == 40 and i - 1 or nil
  end
  assert(#blue == 1 and blue[1] <= seconds % 60 and blue[1] >= seconds % 60 - 1, blue[1])
  assert(table.concat({strip:led(6)}, " ") == "1 1 1")
end)

netmcu.test("the LEDs move on", function()
  local before = {strip:picture()}
  netmcu.wait(function() return table.concat(before[3], " ") ~= table.concat(select(3, strip:picture()), " ") end)
  server:close()
end)
TEST
"$NETMCU" --timeout "$patience" --root "$NETMCU_SOURCE/examples/device/strip_clock" --test "$work/clock_test.lua" \
  >"$work/clock.log" 2>&1 || fail 'the clock'
