-- Pulses that a module sends on a pin. A pulse is a level and its time in µs.

local host = require "netmcu.host"
local pins = require "netmcu.parts.pins"

local pulses = {}

local OUTPUT = 1

-- Sends all pulses of a list {level, µs, level, µs …} before it returns, as often as wanted.
function pulses.send(pin, list, count)
  for _ = 1, count do
    for i = 1, #list, 2 do
      pins.write(pin, list[i])
      require "tmr".delay(list[i + 1])
    end
  end
end

-- Sends in the background, then calls done(). Pulses are shorter than the timers of a script, so
-- those that are due come together, but all of them take as long as on a device.
function pulses.play(pin, list, done)
  local timer, at, due = require "tmr".create(), 1, host.now()
  local function continue()
    while list[at] and due <= host.now() do
      pins.write(pin, list[at])
      at, due = at + 2, due + list[at + 1]
    end
    if list[at] or due > host.now() then
      timer:alarm(math.max(1, (due - host.now() + 999) // 1000), 0, continue)
    else
      done()
    end
  end
  host.post(continue)
end

function pulses.set_up(pin, pull)
  pins.set_mode(pin, OUTPUT, pull)
end

return pulses
