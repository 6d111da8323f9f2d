-- A fleet of sensors reports to one broker each minute, by MQTT. For an hour, a partition separates
-- ten of them from the broker.
--
--   netmcu --sim=1 fleet.lua            50 sensors for 3 hours
--   netmcu --sim=1 fleet.lua 1000 24    1000 sensors for 24 hours, in about a minute

local sim = require "netmcu.sim"
local count, hours = tonumber(arg[1] or 50), tonumber(arg[2] or 3)

local broker = sim.host("broker", {script = "broker.lua", profile = "desktop"})
local sensors = sim.host("sensor", {script = "sensor.lua", count = count})

local separated = {table.unpack(sensors, 1, 10)}
sim.at(60 * sim.minute, function() sim.partition(separated) end)
sim.at(120 * sim.minute, sim.repair)
sim.run(hours * sim.hour)

-- The separated sensors have missed an hour, and the few minutes until they were back. All others
-- have missed nothing.
local all, missing = 0, 0
for _, sensor in ipairs(sensors) do
  local got = broker.globals.received[sensor.globals.id] or 0
  all = all + got
  missing = math.max(missing, 60 * hours - got)
  assert(sensor.globals.client_is_online(), sensor.name .. " is offline")
end
print(("%d reports have arrived; a separated sensor has missed at most %d"):format(all, missing))
assert(all > (count - 10) * (60 * hours - 2), "reports are missing")
assert(missing >= 50 and missing < 75, "the partition has had no effect, or the sensors did not come back")
