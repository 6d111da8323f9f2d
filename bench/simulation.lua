-- Measures the cost of simulated devices in C and in Lua, from 10 to 10,000 of them, prints two
-- tables for README.md, and draws simulation.svg.
--
--   lua5.4 bench/simulation.lua BUILD [FOLDER]     the build's folder, and where the plot goes

local here = arg[0]:match "^(.*)/[^/]*$" or "."
package.path = here .. "/?.lua;" .. package.path
local plot = require "plot"

local ROUNDS, DEVICE_HOURS = 3, { c = 4000, lua = 1000 }
local SIZES = { 10, 30, 100, 300, 1000, 3000, 10000 }

local names = { c = "C", lua = "Lua" }
local programs = {
  c = arg[1] .. "/bench/bench_simulation",
  lua = arg[1] .. "/netmcu --sim=1 " .. here .. "/devices/fleet.lua",
}

local function run(language, devices)
  local hours = DEVICE_HOURS[language] / devices
  local command = ("%s %d %.1f"):format(programs[language], devices, math.max(0.5, hours))
  local pipe = assert(io.popen(command))
  local line = pipe:read "a"
  assert(pipe:close(), command)
  local result = {}
  for name, value in line:gmatch '"([%l_]+)":(%d+)' do result[name] = tonumber(value) end
  return result
end

-- The best of the rounds: a disturbance only makes a run slower.
local function measure(language, devices)
  local best
  for _ = 1, ROUNDS do
    local result = run(language, devices)
    if not best or result.device_hours_per_second > best.device_hours_per_second then best = result end
  end
  return best
end

local function measure_all(language)
  local results = {}
  print(("| devices in %s | device-hours per CPU second | µs per device-hour | bytes, %s | bytes, working |")
    :format(names[language], language == "c" and "idle" or "started"))
  print "| --- | --- | --- | --- | --- |"
  for i, devices in ipairs(SIZES) do
    local r = measure(language, devices)
    results[i] = r
    print(("| %d | %d | %.0f | %d | %d |"):format(devices, r.device_hours_per_second, 1e6 / r.device_hours_per_second,
      r.idle_bytes or r.booted_bytes, r.working_bytes))
  end
  print()
  return results
end

local file = assert(io.open((arg[2] or ".") .. "/simulation.svg", "w"))
file:write(plot.draw_simulation(measure_all "c", measure_all "lua"))
file:close()
