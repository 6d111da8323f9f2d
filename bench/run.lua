-- Runs the comparison: every contender in every scenario, interleaved over several rounds, and
-- writes the report.
--
--   lua5.4 bench/run.lua --build DIR [options]
--     --build DIR          where CMake has built, with -DNETMCU_BENCH=ON
--     --rounds N           rounds, 5 unless given
--     --seconds S          measured time of one run, 1 unless given
--     --only NAME[,…]      these scenarios only ("size" and "churn" name families)
--     --contender NAME[,…] these contenders only
--     --output DIR         where results.json, results.svg and size.svg go; default: DIR of --build
--     --list               prints the names of scenarios and contenders
--
-- tools/bench builds first and runs this in a network namespace of its own.

local here = arg[0]:match "^(.*)/[^/]*$" or "."
package.path = here .. "/?.lua;" .. package.path
local plan = require "scenarios"
local report = require "report"
local plot = require "plot"

-- The first reading of memory comes after this many connections, so that fixed costs of the server
-- do not count.
local FIRST_LOT = 50

local function fail(...)
  io.stderr:write("bench: ", string.format(...), "\n")
  os.exit(1)
end

local function set_of(text)
  local set = {}
  for word in text:gmatch "[^, ]+" do set[word] = true end
  return set
end

local function read_arguments()
  local options = { rounds = 5, seconds = 1 }
  local takes = { build = tostring, rounds = tonumber, seconds = tonumber, only = set_of, contender = set_of,
    output = tostring }
  local i = 1
  while arg[i] do
    local name = arg[i]:match "^%-%-(%a+)$"
    if name == "list" then
      options.list = true
    elseif not takes[name] or not arg[i + 1] then
      fail("unknown or incomplete option %s; the head of bench/run.lua lists them", arg[i])
    else
      i = i + 1
      options[name] = takes[name](arg[i]) or fail("--%s: not a number: %s", name, arg[i])
    end
    i = i + 1
  end
  options.output = options.output or options.build
  if not options.build and not options.list then fail("--build is missing") end
  return options
end

local options = read_arguments()

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function command_line(command)
  local words = {}
  for i, word in ipairs(command) do
    local kind, rest = word:match "^([@#])(.+)$"
    if kind == "@" then word = here .. "/contenders/" .. rest end
    if kind == "#" then word = options.build .. "/" .. rest end
    words[i] = quote(word)
  end
  return table.concat(words, " ")
end

-- All contenders get the paths of the module under test, even those that do not need it, so that
-- all start alike.
local function environment()
  return ("LUA_PATH=%s LUA_CPATH=%s "):format(quote(options.build .. "/lua/?.lua;;"),
    quote(options.build .. "/lua/?.so;;"))
end

local function runs(contender)
  if contender.runs == nil then
    local probe = contender.probe and environment() .. command_line(contender.probe)
      or "test -x " .. command_line { contender.command[1] }
    contender.runs = os.execute(probe .. " >/dev/null 2>&1") and true or false
    if not contender.runs then print(contender.title .. ": not here, left out") end
  end
  return contender.runs
end

local function takes_part(contender, scenario)
  if scenario.connections and contender.most_connections and scenario.connections > contender.most_connections then
    return false
  end
  local groups = set_of(contender.groups)
  for group in pairs(set_of(scenario.group .. " " .. (scenario.also or ""))) do
    if groups[group] then return true end
  end
  return false
end

local function wanted(item, filter)
  return not filter or filter[item.key] or filter[item.family] or false
end

-- Returns the output of the command. If the command fails, shows its standard error and returns
-- nil.
local function capture(command)
  local errors = os.tmpname()
  local pipe = assert(io.popen(command .. " 2>" .. quote(errors)))
  local text = pipe:read "a"
  local succeeded = pipe:close()
  if not succeeded then os.execute("echo >&2; cat " .. quote(errors) .. " >&2") end
  os.remove(errors)
  return succeeded and text or nil
end

local function numbers_of(text)
  local numbers = {}
  for name, number in text:gmatch "([%w_]+)=([%d.]+)" do numbers[name] = tonumber(number) end
  return numbers
end

local measure = {}

function measure.rate(n)
  return { value = n.count / n.cpu, wall = n.count / n.seconds, resident = n.resident }
end

function measure.idle(n)
  return { value = (n.resident - n.resident_first) / (n.connections - FIRST_LOT), resident = n.resident }
end

function measure.start(n)
  return { value = 1000 * n.seconds / n.count }
end

local function run_load(scenario, contender)
  local text = capture(("%s%s/bench/bench_%s -s %g %s %s"):format(environment(), quote(options.build),
    scenario.program or "load", options.seconds, scenario.load, command_line(contender.command)))
  return text and measure[scenario.metric](numbers_of(text))
end

local function run_client(scenario, contender)
  local text = capture(environment() .. command_line(contender.command) .. " " .. scenario.load)
  return text and measure[scenario.metric](numbers_of(text))
end

-- Returns the round trips that the program reports: lines of "rtt_ms=…", or the summary of the
-- system's ping.
local function run_ping(_, contender)
  local suffix = contender.complete and "" or " ping"
  local text = capture(environment() .. command_line(contender.command) .. suffix)
  if not text then return nil end
  local average = text:match "= [%d.]+/([%d.]+)/"
  if average then return { value = tonumber(average) } end
  local sum, count = 0, 0
  for rtt in text:gmatch "rtt_ms=([%d.]+)" do
    sum, count = sum + tonumber(rtt), count + 1
  end
  return count > 0 and { value = sum / count } or nil
end

local function run_one(scenario, contender)
  local run = scenario.metric == "ping" and run_ping or scenario.client and run_client or run_load
  local result = run(scenario, contender)
  if not result then io.stderr:write(("bench: %s failed in %s\n"):format(contender.key, scenario.key)) end
  return result or nil
end

local function plan_runs()
  local planned = {}
  for _, scenario in ipairs(plan.scenarios) do
    local present = {}
    if wanted(scenario, options.only) then
      if scenario.needs and not os.execute("command -v " .. scenario.needs .. " >/dev/null") then
        print(("%s: needs %s, left out"):format(scenario.title, scenario.needs))
      else
        for _, contender in ipairs(plan.contenders) do
          if wanted(contender, options.contender) and takes_part(contender, scenario) and runs(contender) then
            table.insert(present, contender)
          end
        end
      end
    end
    if #present > 0 then table.insert(planned, { scenario = scenario, contenders = present, rounds = {} }) end
  end
  return planned
end

-- Each round starts with another contender, so that none always follows the same one.
local function run_round(entry, round)
  local results = {}
  for i = 1, #entry.contenders do
    local contender = entry.contenders[(i + round - 2) % #entry.contenders + 1]
    results[contender.key] = run_one(entry.scenario, contender)
  end
  entry.rounds[round] = results
end

local function run_all(planned)
  for round = 1, options.rounds do
    for _, entry in ipairs(planned) do
      if round <= (entry.scenario.rounds or options.rounds) then
        io.stderr:write(("\rround %d of %d: %-40s"):format(round, options.rounds, entry.scenario.title))
        run_round(entry, round)
      end
    end
  end
  io.stderr:write("\r", (" "):rep(60), "\r")
end

local function first_line(command)
  return ((capture(command) or ""):match "[^\n]*")
end

local function machine()
  return {
    date = os.date "!%Y-%m-%d",
    kernel = first_line "uname -sr",
    processor = first_line "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo",
    processors = tonumber(first_line "getconf _NPROCESSORS_ONLN"),
    congestion_control = first_line "cat /proc/sys/net/ipv4/tcp_congestion_control",
    node = first_line "node --version || true",
    rounds = options.rounds,
    seconds = options.seconds,
  }
end

local function open(name, mode)
  local path = options.output .. "/" .. name
  local file, message = io.open(path, mode)
  return file or fail("--output: %s", message), path
end

local function write(name, text)
  local file, path = open(name, "w")
  file:write(text)
  file:close()
  print("written: " .. path)
end

local function list()
  print "scenarios:"
  for _, scenario in ipairs(plan.scenarios) do print("  " .. scenario.key, scenario.title) end
  print "contenders:"
  for _, contender in ipairs(plan.contenders) do print("  " .. contender.key, contender.title) end
end

if options.list then
  list()
  os.exit(0)
end

local planned = plan_runs()
if #planned == 0 then fail("nothing to run") end
open("results.json", "a"):close() -- fails now, and not after the run, if the folder does not exist
run_all(planned)
local results = report.summarise(planned, plan.aims, machine())
print(report.table(results))
write("results.json", report.json(results))
for name, svg in pairs(plot.draw(results)) do write(name, svg) end
