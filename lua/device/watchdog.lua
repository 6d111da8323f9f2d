-- tmr.softwd(seconds): the device restarts unless the script calls it again in time. Zero and
-- negative numbers end the watchdog. It counts seconds with a repeating timer, because the time may
-- exceed a timer's longest interval.

local argument = require "netmcu.device.argument"
local host = require "netmcu.host"
local tmr = require "tmr"

local timer = tmr.create()
local left = 0 -- seconds

local function count()
  left = left - 1
  if left == 0 then
    timer:unregister()
    host.leave "restart"
  end
end

return function(seconds)
  left = argument.integer(seconds, 1, "softwd")
  timer:unregister()
  if left > 0 then
    timer:alarm(1000, tmr.ALARM_AUTO, count)
  end
end
