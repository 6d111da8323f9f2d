-- The chip's hardware timer. Many modules share it; pwm2 needs it for itself. As on the device, a
-- module that has used the timer once keeps its share until the next restart.

local argument = require "netmcu.device.argument"

local hardware_timer = {}

local is_shared, is_occupied = false, false

-- Both share and occupy return false if the timer is not available.
function hardware_timer.share()
  is_shared = is_shared or not is_occupied
  return not is_occupied
end

function hardware_timer.occupy()
  is_occupied = is_occupied or not is_shared
  return is_occupied
end

function hardware_timer.release()
  is_occupied = false
end

-- Shares the timer, or raises an error.
function hardware_timer.require(problem)
  if not hardware_timer.share() then
    argument.raise(problem or "Unable to initialize timer")
  end
end

return hardware_timer
