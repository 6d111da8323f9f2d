-- Draws the results as SVG: a panel of bars for each scenario, and lines for the cost against the
-- number of connections.

local report = require "report"

local M = {}

local PANEL_WIDTH, PANEL_GAP, COLUMNS = 440, 24, 2
local ROW, HEAD, MARGIN = 18, 40, 20
local LABEL, VALUE = 190, 60
local OTHER = "#9aa4b1"
local COLOURS = { netmcu = "#1668b8", netmcu_lua = "#d1620a", epoll = "#3c4650" }
local LINES = { epoll = "#3c4650", libuv = "#7f8b98", libuv_try = "#b9c2cb", netmcu = "#1668b8", luv = "#8a6d3b",
  netmcu_lua = "#d1620a", copas = "#b08fc7", node = "#6aa84f", idle = "#7f8b98" }

local function escape(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }))
end

local function text(x, y, content, attributes)
  return ('<text x="%.1f" y="%.1f" %s>%s</text>'):format(x, y, attributes or "", escape(content))
end

local function rectangle(x, y, width, height, fill)
  return ('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>'):format(x, y, width, height, fill)
end

local function document(width, height, body)
  return table.concat({
    ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" '):format(width, height,
      width, height) .. 'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222">',
    rectangle(0, 0, width, height, "#ffffff"),
    table.concat(body, "\n"),
    "</svg>\n",
  }, "\n")
end

local function colour(key)
  if COLOURS[key] then return COLOURS[key] end
  if key:find "^netmcu_[lp]" then return "#eba265" end
  if key:find "^net" then return "#7fb2e0" end
  return OTHER
end

local function subtitle(scenario)
  if scenario.metric == "rate" then return scenario.unit .. " per CPU second of the server, more is better" end
  return scenario.unit .. ", less is better"
end

local function panel(scenario, x, y)
  local body = { text(x, y + 14, scenario.title, 'font-weight="bold"'),
    text(x, y + 29, subtitle(scenario), 'font-size="10" fill="#666"') }
  local most = 0
  for _, contender in ipairs(scenario.contenders) do most = math.max(most, contender.median) end
  for i, contender in ipairs(scenario.contenders) do
    local top = y + HEAD + (i - 1) * ROW
    local width = math.max(1, (PANEL_WIDTH - LABEL - VALUE) * contender.median / most)
    table.insert(body, text(x + LABEL - 6, top + 12, contender.title, 'text-anchor="end" font-size="11"'))
    table.insert(body, rectangle(x + LABEL, top + 2, width, ROW - 5, colour(contender.key)))
    table.insert(body, text(x + LABEL + width + 5, top + 12, report.short(contender.median), 'font-size="11"'))
  end
  return table.concat(body, "\n")
end

local function panel_height(scenario)
  return HEAD + #scenario.contenders * ROW + PANEL_GAP
end

-- Each panel goes to the shorter column.
local function bars(results)
  local body, bottoms = {}, {}
  for column = 1, COLUMNS do bottoms[column] = MARGIN end
  for _, scenario in ipairs(results.scenarios) do
    if not scenario.family and #scenario.contenders > 0 then
      local column = bottoms[2] < bottoms[1] and 2 or 1
      table.insert(body, panel(scenario, MARGIN + (column - 1) * (PANEL_WIDTH + PANEL_GAP), bottoms[column]))
      bottoms[column] = bottoms[column] + panel_height(scenario)
    end
  end
  if #body == 0 then return nil end
  return document(2 * MARGIN + COLUMNS * PANEL_WIDTH + PANEL_GAP, math.max(table.unpack(bottoms)), body)
end

-- One line per contender: {key, title, points = {{connections, value}, …}}.
local function series(results, field)
  local lines, by_key = {}, {}
  for _, scenario in ipairs(results.scenarios) do
    if scenario.family == "size" then
      for _, contender in ipairs(scenario.contenders) do
        local line = by_key[contender.key]
        if not line then
          line = { key = contender.key, title = contender.title, points = {} }
          by_key[contender.key] = line
          table.insert(lines, line)
        end
        table.insert(line.points, { scenario.connections, contender[field] })
      end
    end
  end
  return lines
end

local CHART_WIDTH, CHART_HEIGHT, AXIS, LEGEND = 420, 300, 60, 190

local function limits(lines)
  local low, high, most = math.huge, 0, 0
  for _, line in ipairs(lines) do
    for _, point in ipairs(line.points) do
      low, high = math.min(low, point[2]), math.max(high, point[2])
      most = math.max(most, point[1])
    end
  end
  return low, high, most
end

local function decades(low, high)
  return math.floor(math.log(low, 10)), math.ceil(math.log(high, 10))
end

-- A chart with a logarithmic x axis. Its y axis is logarithmic if `logarithmic` is set; otherwise
-- it starts at 0.
local function chart(lines, title, x, y, logarithmic, unit)
  local low, high, most = limits(lines)
  local first, last = decades(low, high)
  local width, height = CHART_WIDTH - AXIS, CHART_HEIGHT - 2 * HEAD
  local left, bottom = x + AXIS, y + HEAD + height
  local span = math.max(1, math.log(most, 10))
  local function across(connections) return left + width * math.log(connections, 10) / span end
  local function up(value)
    if logarithmic then return bottom - height * (math.log(value, 10) - first) / math.max(1, last - first) end
    return bottom - height * value / (high * 1.05)
  end
  local body = { text(x, y + 14, title, 'font-weight="bold"') }
  local function grid(value)
    table.insert(body, ('<path d="M%.1f %.1fH%.1f" stroke="#ddd"/>'):format(left, up(value), left + width))
    table.insert(body, text(left - 6, up(value) + 4, value == 0 and "0" or report.short(value),
      'text-anchor="end" font-size="10" fill="#666"'))
  end
  if logarithmic then
    for decade = first, last do grid(10.0 ^ decade) end
  else
    for quarter = 0, 4 do grid(high * quarter / 4) end
  end
  for decade = 0, span do
    table.insert(body, text(across(10 ^ decade), bottom + 16, ("%d"):format(10 ^ decade),
      'text-anchor="middle" font-size="10" fill="#666"'))
  end
  table.insert(body, text(left + width / 2, bottom + 32, unit or "connections",
    'text-anchor="middle" font-size="10" fill="#666"'))
  for _, line in ipairs(lines) do
    local path = {}
    for i, point in ipairs(line.points) do
      path[i] = ("%s%.1f %.1f"):format(i == 1 and "M" or "L", across(point[1]), up(point[2]))
    end
    table.insert(body, ('<path d="%s" fill="none" stroke="%s" stroke-width="%s"/>'):format(table.concat(path),
      LINES[line.key] or OTHER, line.key:find "^netmcu" and "3" or "1.5"))
  end
  return table.concat(body, "\n")
end

local function legend(lines, x, y)
  local body = {}
  for i, line in ipairs(lines) do
    local top = y + i * ROW
    table.insert(body, rectangle(x, top - 7, 18, 3, LINES[line.key] or OTHER))
    table.insert(body, text(x + 24, top - 2, line.title, 'font-size="11"'))
  end
  return table.concat(body, "\n")
end

local function sizes(results)
  local rates, memory = series(results, "median"), series(results, "resident")
  if #rates == 0 then return nil end
  local second = MARGIN + CHART_WIDTH + PANEL_GAP
  return document(second + CHART_WIDTH + PANEL_GAP + LEGEND, CHART_HEIGHT + MARGIN, {
    chart(rates, "echoes of 64 B per CPU second of the server", MARGIN, MARGIN, false),
    chart(memory, "resident memory of the server, bytes", second, MARGIN, true),
    legend(rates, second + CHART_WIDTH + PANEL_GAP, MARGIN + HEAD),
  })
end

-- Returns the SVG for the results of simulation.lua.
function M.draw_simulation(in_c, in_lua)
  local function line(key, title, results, field)
    local points = {}
    for i, result in ipairs(results) do points[i] = { result.devices, result[field] } end
    return { key = key, title = title, points = points }
  end
  local function both(field)
    return { line("netmcu", "in C, over TCP", in_c, field), line("netmcu_lua", "in Lua, by MQTT", in_lua, field) }
  end
  local second = MARGIN + CHART_WIDTH + PANEL_GAP
  return document(second + CHART_WIDTH + PANEL_GAP + LEGEND, CHART_HEIGHT + MARGIN, {
    chart(both "device_hours_per_second", "simulated device-hours per CPU second", MARGIN, MARGIN, true, "devices"),
    chart(both "working_bytes", "bytes of memory per device that reports", second, MARGIN, true, "devices"),
    legend(both "working_bytes", second + CHART_WIDTH + PANEL_GAP, MARGIN + HEAD),
  })
end

-- Returns {file name = SVG}, without the plots that have no data.
function M.draw(results)
  return { ["results.svg"] = bars(results), ["size.svg"] = sizes(results) }
end

return M
