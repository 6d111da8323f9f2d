-- Two devices know only each other's names, and find each other by multicast DNS, even after one of
-- them has moved to another address.
--
--   netmcu --sim=1 neighbours.lua

local sim = require "netmcu.sim"

local kitchen = sim.host("kitchen", {script = "neighbour.lua", ip = "10.0.0.20"})
local garden = sim.host("garden", {script = "neighbour.lua", ip = "10.0.0.21"})
kitchen.globals.own, kitchen.globals.neighbour = "kitchen", "garden"
garden.globals.own, garden.globals.neighbour = "garden", "kitchen"

local function know_each_other()
  return kitchen.globals.found == garden.address and garden.globals.found == kitchen.address
end

assert(sim.wait(know_each_other, sim.minute), "they have not found each other")
print(("after %.1f s, they know each other"):format(sim.now / 1000))

-- The garden gets another address, as from a router that was restarted, and starts again.
garden:crash()
garden:move("10.0.0.77")
sim.run(5 * sim.second)
garden:restart()
garden.globals.own, garden.globals.neighbour = "garden", "kitchen"
assert(sim.wait(know_each_other, sim.minute), "they have not found each other again")
print(("after %.1f s, they know each other again"):format(sim.now / 1000))
