-- A night: the hub switches the lamp every half hour, over a link that loses a fifth of all packets
-- and fails completely from two to three o'clock.
--
--   netmcu --sim=1 night.lua

local sim = require "netmcu.sim"

local lamp = sim.host("lamp", {script = "lamp.lua"})
local hub = sim.host("hub", {script = "hub.lua", profile = "desktop"})

sim.link(lamp, hub, {latency = 30, jitter = 20, loss = 0.2})
sim.at(2 * sim.hour, function() sim.partition(lamp) end)
sim.at(3 * sim.hour, sim.repair)
-- At five, somebody pulls the plug of the lamp for a minute.
sim.at(5 * sim.hour + 10 * sim.minute, function() lamp:crash() end)
sim.at(5 * sim.hour + 11 * sim.minute, function() lamp:restart() end)

sim.run(8 * sim.hour - sim.minute) -- just before the next change

-- In the morning, the lamp is as the hub wants it. The lamp was told of every change, except those
-- of the hour without a link.
assert(lamp.globals.on == hub.globals.wanted)
assert(hub.globals.confirmed >= 13, hub.globals.confirmed .. " changes were confirmed")
print(("the lamp has confirmed %d of %d changes"):format(hub.globals.confirmed, hub.globals.changes))
