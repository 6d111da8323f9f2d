-- Turns runs into figures: medians, ratios round by round, the table and the JSON.

local M = {}

-- Ratios are shown against these contenders, if they took part.
local REFERENCES = { "epoll", "libuv", "luv", "cares", "lua_start", "system_ping", "mosquitto_pub" }
local NOISE = 0.01

local function median(list)
  if #list == 0 then return nil end
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local middle = #sorted // 2
  return #sorted % 2 == 1 and sorted[middle + 1] or (sorted[middle] + sorted[middle + 1]) / 2
end

local function collect(entry, key, field)
  local values = {}
  for _, round in ipairs(entry.rounds) do
    if round[key] and round[key][field] then table.insert(values, round[key][field]) end
  end
  return values
end

-- The median of the ratios of each round, not the ratio of the medians: a disturbance of a round
-- affects both sides.
local function ratio(entry, key, against)
  local ratios = {}
  for _, round in ipairs(entry.rounds) do
    if round[key] and round[against] and round[against].value > 0 then
      table.insert(ratios, round[key].value / round[against].value)
    end
  end
  return median(ratios)
end

local function summarise_contender(entry, contender)
  local summary = {
    key = contender.key,
    title = contender.title,
    median = median(collect(entry, contender.key, "value")),
    wall = median(collect(entry, contender.key, "wall")),
    resident = median(collect(entry, contender.key, "resident")),
    runs = collect(entry, contender.key, "value"),
    ratios = {},
  }
  for _, reference in ipairs(REFERENCES) do summary.ratios[reference] = ratio(entry, contender.key, reference) end
  return summary
end

local function judge(aims, entries)
  local judged = {}
  for _, aim in ipairs(aims) do
    local entry = entries[aim.scenario]
    local figure
    if entry and aim.against then
      figure = ratio(entry, aim.contender, aim.against)
    elseif entry then
      figure = median(collect(entry, aim.contender, "value"))
    end
    if figure then
      local met = aim.least and figure >= aim.least * (1 - NOISE) or aim.most and figure <= aim.most * (1 + NOISE)
      table.insert(judged, { scenario = aim.scenario, contender = aim.contender, against = aim.against,
        least = aim.least, most = aim.most, figure = figure, met = met or false })
    end
  end
  return judged
end

function M.summarise(planned, aims, machine)
  local results = { machine = machine, scenarios = {} }
  local entries = {}
  for _, entry in ipairs(planned) do
    local scenario = entry.scenario
    local summary = { key = scenario.key, family = scenario.family, title = scenario.title, metric = scenario.metric,
      unit = scenario.unit, connections = scenario.connections, reference = scenario.reference, contenders = {} }
    entries[scenario.key] = entry
    for _, contender in ipairs(entry.contenders) do
      local figures = summarise_contender(entry, contender)
      if figures.median then table.insert(summary.contenders, figures) end
    end
    table.insert(results.scenarios, summary)
  end
  results.aims = judge(aims, entries)
  return results
end

-- Formats 1234567 as "1.23 M".
function M.short(number)
  for _, step in ipairs { { 1e9, " G" }, { 1e6, " M" }, { 1e3, " k" } } do
    if number >= step[1] then return ("%.3g%s"):format(number / step[1], step[2]) end
  end
  return ("%.3g"):format(number)
end

local function column(text, width)
  return text .. (" "):rep(width - utf8.len(text))
end

local function right(text, width)
  return (" "):rep(width - utf8.len(text)) .. text
end

local function present_references(scenario)
  local present = {}
  for _, reference in ipairs(REFERENCES) do
    for _, contender in ipairs(scenario.contenders) do
      if contender.key == reference then table.insert(present, reference) end
    end
  end
  return present
end

local function scenario_table(scenario)
  local references = present_references(scenario)
  local is_rate = scenario.metric == "rate"
  local head = column(scenario.title, 42)
    .. right(is_rate and scenario.unit .. "/CPU s" or scenario.unit, 22) .. right(is_rate and "/s" or "", 10)
  for _, reference in ipairs(references) do head = head .. right("÷ " .. reference, 14) end
  local lines = { head }
  for _, contender in ipairs(scenario.contenders) do
    local line = column("  " .. contender.title, 42) .. right(M.short(contender.median), 22)
      .. right(contender.wall and M.short(contender.wall) or "", 10)
    for _, reference in ipairs(references) do
      local value = contender.ratios[reference]
      line = line .. right(value and ("%.2f"):format(value) or "", 14)
    end
    table.insert(lines, line)
  end
  return table.concat(lines, "\n")
end

local function aims_table(aims)
  if #aims == 0 then return "" end
  local lines = { "aims" }
  for _, aim in ipairs(aims) do
    local bound = aim.least and ("≥ %g"):format(aim.least) or ("≤ %g"):format(aim.most)
    table.insert(lines, column(("  %s: %s%s"):format(aim.scenario, aim.contender,
      aim.against and " ÷ " .. aim.against or ""), 42) .. right(("%.3g"):format(aim.figure), 22) .. right(bound, 10)
      .. (aim.met and "" or "   missed"))
  end
  return table.concat(lines, "\n")
end

function M.table(results)
  local parts = {}
  local machine = results.machine
  table.insert(parts, ("%s, %s, %d processors, %s; medians of %d rounds of %g s"):format(machine.kernel,
    machine.processor, machine.processors or 0, machine.congestion_control, machine.rounds, machine.seconds))
  for _, scenario in ipairs(results.scenarios) do table.insert(parts, scenario_table(scenario)) end
  table.insert(parts, aims_table(results.aims))
  return table.concat(parts, "\n\n")
end

local function encode(value, indent)
  local kind = math.type(value) or type(value)
  if kind == "string" then
    return '"' .. value:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
  elseif kind == "float" then
    return ("%.6g"):format(value)
  elseif kind ~= "table" then
    return tostring(value)
  end
  local inner, parts = indent .. "  ", {}
  if #value > 0 or next(value) == nil then
    for i, item in ipairs(value) do parts[i] = inner .. encode(item, inner) end
    return #parts == 0 and "[]" or "[\n" .. table.concat(parts, ",\n") .. "\n" .. indent .. "]"
  end
  local keys = {}
  for key in pairs(value) do table.insert(keys, key) end
  table.sort(keys)
  for i, key in ipairs(keys) do parts[i] = inner .. encode(key, inner) .. ": " .. encode(value[key], inner) end
  return "{\n" .. table.concat(parts, ",\n") .. "\n" .. indent .. "}"
end

function M.json(results)
  return encode(results, "") .. "\n"
end

return M
