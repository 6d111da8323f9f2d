-- The chip's hardware timer. pwm, pcm, switec and somfy share it; pwm2 needs it for itself. As on
-- the device, a module that has used the timer once keeps its share until the next restart.

local hardware_timer = {}

local is_shared, is_occupied = false, false

-- Each of both returns false if the timer is not available.
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

return hardware_timer
