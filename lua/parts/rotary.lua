-- A rotary switch with a button, such as the KY-040: a turn opens and closes its contacts A and B in
-- turn, and the button closes a third one. A closed contact pulls its pin to 0. The value `position`
-- counts steps, clockwise; usual switches have four for each position that one can feel.

local part = require "netmcu.parts.part"

local rotary = part.class {
  kind = "rotary", bus = "pin", wires = "b button", failures = "silent",
  values = {
    {name = "position", default = 0, least = -1000000, most = 1000000, detent = 4},
    {name = "pressed", default = 0, least = 0, most = 1},
  },
}

local levels = {[0] = {1, 1}, {1, 0}, {0, 0}, {0, 1}} -- of A and B, by the last two bits of the position
local STEP = 2 -- ms: a script that is called for each change of A still finds the level of B at that time

function rotary:start()
  local at = self.settings
  if not at.b then
    error("part rotary: b: missing, as in --part rotary,pin=5,b=6,button=7", 0)
  elseif at.b == at.pin or at.button == at.pin or at.button == at.b then
    error("part rotary: pin, b and button: different pins expected", 0)
  end
  self.shown = self:value "position" // 1
end

-- Puts the levels of the position on the pins. A switch that fails keeps its levels.
local function show(self)
  if not self.failing then
    local a, b = table.unpack(levels[self.shown & 3])
    self:drive("pin", a)
    self:drive("b", b)
    self:drive("button", self:value "pressed" >= 0.5 and 0 or 1)
  end
end

-- Moves by a step towards the position. Returns false if it is there.
local function move(self)
  local wanted = self:value "position" // 1
  local by = wanted > self.shown and 1 or wanted < self.shown and -1 or 0
  self.shown = self.shown + by
  show(self)
  return by ~= 0
end

function rotary:turn_at_once()
  while move(self) do end
end

local function turn(self)
  self.timer = self.timer or require "tmr".create()
  if move(self) then
    self.timer:alarm(STEP, 0, function() turn(self) end)
  end
end

function rotary:plugged_in()
  show(self)
end

function rotary:unplugged()
  if self.timer then
    self.timer:unregister()
  end
end

-- A switch that is already turning continues until it reaches the position.
function rotary:changed()
  if not self.timer or not self.timer:state() then
    turn(self)
  else
    show(self)
  end
end

return rotary
