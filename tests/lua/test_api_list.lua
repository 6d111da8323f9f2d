-- docs/api.md and the live modules hold the same functions and events, and the files that it names exist and use them.
-- docs/differences.md is what tools/differences.lua makes of the sources now.

local source = assert(os.getenv "NETMCU_SOURCE", "run me by ctest, or set NETMCU_SOURCE to the checkout")

local function read(path)
  local file = io.open(source .. "/" .. path, "rb")
  if file then
    local text = file:read "a"
    file:close()
    return text
  end
end

-- What there is ------------------------------------------------------------------------------------------------------

local live = {}

local function add_functions(prefix, functions)
  for name, value in pairs(functions) do
    if not name:find "^__" and type(value) ~= "table" then
      live[prefix .. name] = true
    end
  end
end

local objects = {
  ["net.socket"] = net.createConnection(),
  ["net.server"] = net.createServer(),
  ["net.udpsocket"] = net.createUDPSocket(),
}
add_functions("net.", net)
add_functions("net.dns.", net.dns)
for name, object in pairs(objects) do
  add_functions(name .. ":", getmetatable(object).__index)
  for _, event in ipairs {"connection", "reconnection", "disconnection", "receive", "sent", "dns"} do
    if object.on and pcall(object.on, object, event, nil) then
      live[("%s %q"):format(name, event)] = true
    end
  end
end

-- What the list says ---------------------------------------------------------------------------------------------------

local problems = {}

local function problem(...)
  problems[#problems + 1] = string.format(...)
end

local function words(cell)
  return cell:gmatch "[%w_]+"
end

-- The C tests call the core, whose names are others: only scripts are looked into.
local function mentions(text, name)
  local word = name:match "[%w]+\"?$":gsub('"', "")
  return text:find("%f[%w]" .. word .. "%f[^%w]") ~= nil
end

local function check_example(name, example)
  local text = read("examples/lua/" .. example .. ".lua")
  if not text then
    problem("%s: there is no examples/lua/%s.lua", name, example)
  elseif not mentions(text, name) then
    problem("%s: examples/lua/%s.lua does not use it", name, example)
  elseif not read("tests/test_example_" .. example .. ".sh") then
    problem("%s: examples/lua/%s.lua has no test", name, example)
  end
end

local function check_test(name, test)
  local script = read("tests/lua/" .. test .. ".lua")
  if script and not mentions(script, name) then
    problem("%s: tests/lua/%s.lua does not use it", name, test)
  elseif not script and not read("tests/" .. test .. ".c") and not read("tests/" .. test .. ".sh") then
    problem("%s: there is no %s", name, test)
  end
end

local listed = {}
local list = assert(read "docs/api.md", "docs/api.md is missing")
for line in list:gmatch "[^\n]+" do
  local name, examples, tests = line:match "^| `([^`]+)` |[^|]*|([^|]*)|([^|]*)|"
  if name then
    if listed[name] then
      problem("%s is listed twice", name)
    end
    listed[name] = true
    for example in words(examples) do
      check_example(name, example)
    end
    local count = 0
    for test in words(tests) do
      check_test(name, test)
      count = count + 1
    end
    if count == 0 then
      problem("%s has no test", name)
    end
  end
end

for name in pairs(live) do
  if not listed[name] then
    problem("%s is not in docs/api.md", name)
  end
end
for name in pairs(listed) do
  if not live[name] then
    problem("%s is in docs/api.md, and does not exist", name)
  end
end

-- The generated page -----------------------------------------------------------------------------------------------------

local page = assert(loadfile(source .. "/tools/differences.lua"))("page")
if page ~= read "docs/differences.md" then
  problem("docs/differences.md is not up to date: tools/run tools/differences.lua > docs/differences.md")
end

table.sort(problems)
assert(#problems == 0, table.concat(problems, "\n"))
