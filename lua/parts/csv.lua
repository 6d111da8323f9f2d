-- Values of parts from a CSV file: a line of names, then lines of numbers. The column "time" has
-- the seconds since the start; without it, there is a line for each second. A line is valid until
-- the next one, and the last one for ever.

local csv = {}

local function raise(...)
  error(string.format(...), 0)
end

local function split(line)
  local fields = {}
  for field in string.gmatch(line .. ",", "%s*([^,]-)%s*,") do
    fields[#fields + 1] = string.gsub(field, '^"(.*)"$', "%1")
  end
  return fields
end

local function read_lines(what, path)
  local file, message = io.open(path, "rb")
  if not file then
    raise("%s: %s", what, message)
  end
  local text, problem = file:read "a"
  file:close()
  if not text then
    raise("%s: %s: %s", what, path, problem)
  end
  local lines = {}
  for line in string.gmatch(text, "[^\r\n]+") do
    lines[#lines + 1] = split(line)
  end
  return lines
end

-- Returns the number of the last row whose time has come, or the first one.
local function row_at(times, seconds)
  local low, high = 1, #times
  while low < high do
    local middle = (low + high + 1) // 2
    if times[middle] <= seconds then
      low = middle
    else
      high = middle - 1
    end
  end
  return low
end

local function read_column(lines, index, what)
  local column = {}
  for i = 2, #lines do
    local number = tonumber(lines[i][index])
    if not number then
      raise("%s: line %d has no number in column '%s'", what, i, lines[1][index])
    end
    column[i - 1] = number
  end
  return column
end

local function read_times(lines, index, what)
  local times = read_column(lines, index, what)
  for i = 2, #times do
    if times[i] < times[i - 1] then
      raise("%s: the time in line %d is before that of line %d", what, i + 1, i)
    end
  end
  return times
end

local function line_numbers(count)
  local times = {}
  for i = 1, count do
    times[i] = i - 1
  end
  return times
end

-- Returns a table of functions of time, by the names of the columns. A column is read when it is
-- first used, so other columns may have text.
function csv.read(part, path)
  local what = string.format("part %s: csv %s", part.kind, tostring(path))
  local lines = read_lines(what, tostring(path))
  if #lines < 2 then
    raise("%s: a line of names and lines of numbers expected", what)
  end
  local index_of = {}
  for index, name in ipairs(lines[1]) do
    index_of[name] = index
  end
  local times = index_of.time and read_times(lines, index_of.time, what) or line_numbers(#lines - 1)
  return setmetatable({}, {__index = function(columns, name)
    local index = index_of[name]
    if index then
      local column = read_column(lines, index, what)
      columns[name] = function(seconds) return column[row_at(times, seconds)] end
      return columns[name]
    end
  end})
end

return csv
