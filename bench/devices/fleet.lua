-- Devices that report to a broker each minute, by MQTT. Prints a line of JSON; booted_bytes is the
-- memory of a sensor that has loaded node and mqtt, and is not connected yet.
--
--   netmcu --sim=1 fleet.lua DEVICES HOURS

local sim = require "netmcu.sim"
local count, hours = tonumber(arg[1]), tonumber(arg[2])

-- Returns the processor time of this process, in s, and its memory, in bytes.
local function usage()
  local stat = io.open("/proc/self/stat"):read "a"
  local user, system = stat:match("%) " .. ("%S+ "):rep(11) .. "(%d+) (%d+)")
  return (user + system) / 100, io.open("/proc/self/status"):read "a":match "VmRSS:%s+(%d+)" * 1024
end

local _, before = usage()
local broker = sim.host("broker", {script = "broker.lua", profile = "desktop"})
sim.host("sensor", {script = "sensor.lua", count = count})
sim.run(1)
local started, booted = usage()
sim.run(2 * sim.minute)
local begun, working = usage()
local reports = broker.globals.reports
sim.run(hours * sim.hour)
reports = broker.globals.reports - reports
assert(reports >= (60 * hours - 1) * count, "reports are missing")

local line = '{"devices":%d,"device_hours_per_second":%d,"booted_bytes":%d,"working_bytes":%d,'
  .. '"reports":%d,"start":%.2f}'
print(line:format(count, count * hours // math.max(0.01, usage() - begun), (booted - before) // count,
  (working - before) // count, reports, started))
