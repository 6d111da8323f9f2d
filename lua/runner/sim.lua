-- netmcu.sim: a world of simulated hosts with scripts, for `netmcu --sim=SEED city.lua` and for
-- tests. docs/simulation.md explains how to use it. Times are in ms of virtual time.

-- A stock Lua has loaded this file with the script's globals.
local _ENV = require "netmcu.host".environment
local host = require "netmcu.host"
if not host.seed then
  error("netmcu.sim: there is no simulated network: run netmcu --sim=SEED FILE", 0)
end
local scenario = require "netmcu.scenario"

local sim = {second = 1000, minute = 60000, hour = 3600000, day = 86400000}

local LONGEST = 1e12 -- ms
local MOST_SKEW, MOST_DRIFT = 1000000000000, 500000

-- --- arguments ---

local function fail(level, ...)
  error(string.format(...), level + 1)
end

local function describe(value)
  return type(value) == "string" and string.format("%q", value) or tostring(value)
end

-- The C functions behind this module would see only the part before a NUL byte.
local function is_text(value)
  return type(value) == "string" and not string.find(value, "\0", 1, true)
end

-- Returns the time in µs. `level` is that of the script, seen from the caller.
local function check_time(value, what, level)
  if type(value) ~= "number" or not (value >= 0 and value <= LONGEST) then
    fail(level + 1, "%s: a time in ms expected, such as 5 * sim.minute; got %s", what, describe(value))
  end
  return math.floor(value * 1000 + 0.5)
end

local function is_host(value)
  return debug.getmetatable(value) == scenario.class
end

local function check_host(value, what, level)
  if not is_host(value) then
    fail(level + 1, "%s: a host of sim.host expected; got %s", what, describe(value))
  end
  return value
end

local function check_function(value, what, level)
  if type(value) ~= "function" then
    fail(level + 1, "%s: a function expected; got %s", what, describe(value))
  end
  return value
end

-- Checks that a table has no other keys than those of `known`.
local function check_settings(settings, known, what, level)
  if type(settings) ~= "table" then
    fail(level + 1, "%s: a table of settings expected; got %s", what, describe(settings))
  end
  for key in pairs(settings) do
    if not known[key] then
      local names = {}
      for name in pairs(known) do
        names[#names + 1] = name
      end
      table.sort(names)
      fail(level + 1, "%s: there is no setting %s; the settings are %s", what, describe(key), table.concat(names, ", "))
    end
  end
end

-- Returns a list of hosts for a host, a list of hosts, or nil, which stands for every host.
local function hosts_of(value, what, level)
  if value == nil or is_host(value) then
    return {value or false}
  end
  if type(value) ~= "table" or #value == 0 then
    fail(level + 1, "%s: a host, a list of hosts, or nil for every host expected; got %s", what, describe(value))
  end
  for _, one in ipairs(value) do
    check_host(one, what, level + 1)
  end
  return value
end

-- --- hosts ---

local host_settings = {script = true, dir = true, ip = true, profile = true, count = true, skew = true, drift = true}

-- Scripts and folders are named as from the folder of the scenario.
local function path_of(name)
  local root = host.root
  if string.find(name, "^/") or string.find(name, "^%a:[/\\]") or root == "." then
    return name
  end
  return root .. "/" .. name
end

local function check_file(path, what)
  local handle, message = io.open(path, "rb")
  if handle then
    local _, reason = handle:read(1) -- a folder can be opened, but not read
    message = reason and path .. ": " .. reason
    handle:close()
  end
  if message then
    fail(4, "%s: %s", what, message)
  end
end

-- Returns the paths of the script and of the folder that is its flash.
local function find_script(settings, what)
  local script, dir = settings.script, settings.dir
  if (script == nil) == (dir == nil) or not is_text(script or dir) then
    fail(3, "%s: either script = FILE or dir = FOLDER expected, with the init.lua of a device in the folder", what)
  end
  local path = path_of(script or dir .. "/init.lua")
  check_file(path, what)
  return path, dir and path_of(dir) or string.match(path, "^(.*)/[^/]*$") or "."
end

local function check_profile(profile, what)
  if profile ~= nil and profile ~= "device" and profile ~= "desktop" then
    fail(3, '%s: profile = "device" or "desktop" expected; got %s', what, describe(profile))
  end
  return profile == "desktop"
end

local function check_integer(value, least, most, what)
  if value ~= nil and (math.type(value) ~= "integer" or value < least or value > most) then
    fail(3, "%s: an integer from %d to %d expected; got %s", what, least, most, describe(value))
  end
  return value
end

local hosts = {}

local function new_host(name, settings, is_desktop, script, root)
  if scenario.has(name) then
    fail(3, "sim.host: there is a host '%s' already", name)
  end
  local ip = settings.ip
  local created = (ip == nil or is_text(ip)) and scenario.host(name, ip, is_desktop, settings.dir ~= nil, script, root)
  if not created and ip ~= nil and string.find(name, "^[%w_.-]+$") then
    fail(3, "sim.host '%s': ip: %s is no free IPv4 address", name, describe(ip))
  elseif not created then
    fail(3, "sim.host: %s is no host name, or no address is free", describe(name))
  end
  hosts[#hosts + 1] = created
  if settings.skew or settings.drift then
    scenario.set_clock(created, (settings.skew or 0) * 1000, settings.drift or 0)
  end
  return created
end

-- Creates a host that runs a script, or `count` hosts with numbers behind the name: "lamp1" …
function sim.host(name, settings)
  if not is_text(name) then
    fail(2, "sim.host: the name of the host expected; got %s", describe(name))
  end
  local what = string.format("sim.host '%s'", name)
  check_settings(settings, host_settings, what, 2)
  local script, root = find_script(settings, what)
  local is_desktop = check_profile(settings.profile, what)
  local count = check_integer(settings.count, 1, 1000000, what .. ": count")
  check_integer(settings.skew, -MOST_SKEW, MOST_SKEW, what .. ": skew in ms")
  check_integer(settings.drift, -MOST_DRIFT, MOST_DRIFT, what .. ": drift in millionths")
  if not count then
    local created = new_host(name, settings, is_desktop, script, root) -- no tail call: errors count the levels
    return created
  end
  if settings.ip then
    fail(2, "%s: %d hosts cannot have one address: leave out ip or count", what, count)
  end
  local list = {}
  for i = 1, count do
    list[i] = new_host(name .. i, settings, is_desktop, script, root)
  end
  return list
end

-- Changes the address of a host. Its connections get no answers any more.
function scenario.methods.move(self, ip)
  check_host(self, "move", 2)
  if not is_text(ip) or not scenario.move(self, ip) then
    fail(2, "move: %s is no free IPv4 address", describe(ip))
  end
end

-- --- links and faults ---

local function check_share(value, what, level)
  if type(value) ~= "number" or not (value >= 0 and value <= 1) then
    fail(level or 4, "%s: a share from 0 to 1 expected, such as 0.2; got %s", what, describe(value))
  end
  return value
end

-- Returns a function that checks for a number of bytes in this range.
local function bytes(least, most)
  return function(value, what)
    if type(value) ~= "number" or not (value >= least and value <= most) then
      fail(4, "%s: a number of bytes from %d to %d expected; got %s", what, least, most, describe(value))
    end
    return math.floor(value)
  end
end

local function check_latency(value, what)
  local us = check_time(value, what, 4)
  if value > sim.day then
    fail(4, "%s: at most a day expected; got %s ms", what, value)
  end
  return us
end

local link_settings = {
  latency = check_latency, jitter = check_latency, loss = check_share, duplication = check_share,
  reordering = check_share, bandwidth = bytes(1, 2^53), queue = bytes(0, 2^31), mtu = bytes(68, 65535),
}

local function set_links(what, a, b, settings, one_way)
  local from, to = hosts_of(a, what, 3), hosts_of(b, what, 3)
  check_settings(settings, link_settings, what, 3)
  local link = {}
  for key, check in pairs(link_settings) do
    link[key] = settings[key] ~= nil and check(settings[key], what .. ": " .. key) or nil
  end
  for _, one in ipairs(from) do
    for _, other in ipairs(to) do
      local done, message = pcall(scenario.link, one or nil, other or nil, link, one_way)
      if not done then
        fail(3, "%s: %s", what, message)
      end
    end
  end
end

-- Sets the link between hosts, in both directions. A list stands for each of its hosts, and nil for
-- every host.
function sim.link(a, b, settings)
  set_links("sim.link", a, b, settings, false)
end

-- As sim.link, for the direction from a to b only.
function sim.path(a, b, settings)
  set_links("sim.path", a, b, settings, true)
end

-- Separates hosts, or lists of hosts, from all others. Among themselves they stay connected.
function sim.partition(...)
  local all = {}
  for i = 1, select("#", ...) do
    for _, one in ipairs(hosts_of((select(i, ...)), "sim.partition", 2)) do
      all[#all + 1] = check_host(one or nil, "sim.partition", 2)
    end
  end
  if #all == 0 then
    fail(2, "sim.partition: the hosts to separate from the others expected")
  end
  scenario.partition(all)
end

-- Ends all partitions.
function sim.repair(...)
  if select("#", ...) > 0 then
    fail(2, "sim.repair: no arguments expected, as it ends all partitions; got %s", describe((...)))
  end
  scenario.repair()
end

-- Holds back the packets between two hosts, until sim.release.
function sim.hold(a, b)
  scenario.hold(check_host(a, "sim.hold", 2), check_host(b, "sim.hold", 2))
end

function sim.release(a, b)
  scenario.release(check_host(a, "sim.release", 2), check_host(b, "sim.release", 2))
end

-- Returns descriptions of the faults that have not taken effect: links, partitions and holds that
-- no packet has met, name failures without a question, crashes of a host that was down, and rules
-- of netmcu.fault. From then on, these faults do not make the scenario fail.
function sim.unmet()
  return scenario.unmet()
end

-- --- names ---

-- Adds a name to the name server; nil removes it.
function sim.name(name, ip)
  if not is_text(name) or ip ~= nil and not is_text(ip) or not pcall(scenario.add_name, name, ip) then
    fail(2, "sim.name: a host name and an IPv4 address, or nil, expected; got %s, %s", describe(name), describe(ip))
  end
end

local name_settings = {delay = true, failures = true, silence = true}

-- Sets how the name server answers.
function sim.names(settings)
  check_settings(settings, name_settings, "sim.names", 2)
  scenario.set_names(check_time(settings.delay or 1, "sim.names: delay", 2),
    check_share(settings.failures or 0, "sim.names: failures", 3),
    check_share(settings.silence or 0, "sim.names: silence", 3))
end

-- --- running ---

local function in_ms(us)
  return us % 1000 == 0 and us // 1000 or us / 1000
end

-- Calls fn when the virtual time has come.
function sim.at(time, fn)
  local us = check_time(time, "sim.at", 2) - scenario.now()
  check_function(fn, "sim.at", 2)
  if us < 0 then
    fail(2, "sim.at: the time %s ms is over: it is %s ms; for a delay, add sim.now to it", time, sim.now)
  end
  scenario.at(us, fn)
end

-- Lets the world run for a time; without a time, until nothing is left to happen.
function sim.run(time)
  scenario.run(time ~= nil and check_time(time, "sim.run", 2) or nil)
end

-- Lets the world run until fn() is true, and returns its value; false after `time` (10 seconds). The
-- scripts of new hosts start before the first call of fn, which may want their globals.
function sim.wait(fn, time)
  check_function(fn, "sim.wait", 2)
  local us = check_time(time or 10000, "sim.wait", 2)
  scenario.run(0)
  return scenario.wait(fn, us)
end

-- --- results of a test file ---

-- Returns the errors of the hosts that nobody has read, as a text, or nil.
function host.errors_of_hosts()
  local texts = {}
  for _, one in ipairs(hosts) do
    for _, message in ipairs(one:errors()) do
      texts[#texts + 1] = string.format("host '%s' has failed: %s", one.name, message)
    end
  end
  return texts[1] and table.concat(texts, "\n")
end

return setmetatable(sim, {
  __index = function(_, key)
    return key == "now" and in_ms(scenario.now()) or nil
  end,
})
