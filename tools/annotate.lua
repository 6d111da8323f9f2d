-- Writes docs/luals, the annotations for the Lua language server, from the lists in docs/api.md and docs/modules.md:
--   tools/run tools/annotate.lua
-- Each module is a file. With the argument "pages" nothing is written; the files are returned by name.

local top = arg[0]:match "^(.*)tools/[^/]*$" or ""
if os.getenv "NETMCU_SOURCE" then
  top = os.getenv "NETMCU_SOURCE" .. "/"
end

-- What the words of the lists are; other words are any.
local types = {}
for kind, words in pairs {
  integer = [[port ttl count lost index bytes sequence timeout code id microseconds seconds baud databits parity stopbits level pin
    offset position steps size value shift millivolts priority status event_id channel mode pull rate power cycles direction
    speed kind number type option from to serial run_input format]],
  number = "ms",
  string = [[ip host name data interface_ip group_ip text filename access pattern whence ssid password netmask gateway mac
    bssid folder layout algorithm key vector event kind_of_edge group]],
  boolean = "boolean on restart save as_table",
  table = "table options list details program",
  ["function"] = "function chunk",
  ["integer|string"] = "amount text_or_byte wanted",
  ["integer|boolean"] = "adjust",
  ["boolean|integer"] = "echo auto unregister_all",
  ["integer|integer[]"] = "delays",
  ["string|table"] = "station_config output",
  ["net.socket"] = "socket",
  ["net.server"] = "server",
  ["net.udpsocket"] = "UDP",
  ["tmr.timer"] = "timer",
  ["file.file"] = "file",
  ["gpio.pulse"] = "pulse",
  ["crypto.hash"] = "hash",
  ["sjson.encoder"] = "encoder",
  ["sjson.decoder"] = "decoder",
  ["pipe.pipe"] = "pipe",
  ["nil"] = "nil",
} do
  for word in words:gmatch "%S+" do
    types[word] = kind
  end
end

-- Signatures -------------------------------------------------------------------------------------------------------------

-- Reads "a [, b] [, function(c) or nil]" and calls item(words, optional, inner) for each, where inner are the
-- parameters of a function.
local function split(text)
  local items, depth, at = {}, 0, 1
  while at <= #text do
    at = text:match("^ *()", at)
    local inner = text:match("^function(%b())", at)
    local word = text:match("^[%w_.][%w_. ]*", at)
    if inner then
      at = at + #"function" + #inner
      local nothing = text:match("^ or nil", at)
      at = at + #(nothing or "")
      items[#items + 1] = {name = "callback", inner = split(inner:sub(2, -2)), null = nothing, depth = depth}
    elseif word then
      at = at + #word
      items[#items + 1] = {name = word:match "^[%w_.]+", null = word:find " or nil *$", depth = depth}
    else
      local character = text:sub(at, at)
      depth = depth + (character == "[" and 1 or character == "]" and -1 or 0)
      at = at + 1
    end
  end
  return items
end

local function type_of(item, own)
  local kind
  if item.inner then
    local parameters = {}
    for index, parameter in ipairs(item.inner) do
      local name = parameter.name == "nil" and "nothing" or parameter.name
      for before = 1, index - 1 do
        name = item.inner[before].name == parameter.name and name .. index or name
      end
      parameters[index] = name .. ": " .. type_of(parameter, own)
    end
    kind = ("fun(%s)"):format(table.concat(parameters, ", "))
    return item.null and "(" .. kind .. ")|nil" or kind
  end
  kind = item.name == "socket" and own == "net.udpsocket" and own or types[item.name] or "any"
  return item.null and kind:find "|" and kind .. "|nil" or item.null and kind .. "?" or kind
end

-- Names that occur twice or are Lua's get another.
local function name_parameters(items)
  local seen = {["function"] = true, ["nil"] = true, ["..."] = false}
  for index, item in ipairs(items) do
    if seen[item.name] then
      item.label = item.name .. index
    end
    item.label = item.label or item.name
    seen[item.name] = item.name ~= "..."
  end
  -- What is optional and comes before something that is not, or may come without it, is left out in forms of their own.
  for index, item in ipairs(items) do
    for later = index + 1, #items do
      local other = items[later]
      item.early = item.early or item.depth > 0 and other.depth <= item.depth and (other.inner or other.depth == 0)
    end
    item.optional = item.depth > 0 and not item.early
  end
  return items
end

-- Annotations ------------------------------------------------------------------------------------------------------------

local function fun_type(parameters, results, own, self)
  local texts = {self and "self: " .. own}
  for _, item in ipairs(parameters) do
    local optional = item.optional and "?" or ""
    texts[#texts + 1] = item.label == "..." and "..." or ("%s%s: %s"):format(item.label, optional, type_of(item, own))
  end
  local answer = {}
  for _, item in ipairs(results) do
    answer[#answer + 1] = item.name == "..." and "..." or type_of(item, own)
  end
  return ("fun(%s)%s"):format(table.concat(texts, ", "), #answer > 0 and ": " .. table.concat(answer, ", ") or "")
end

-- The forms without some of the arguments that may be left out.
local function overloads(parameters, visit)
  local early = {}
  for index, item in ipairs(parameters) do
    early[#early + 1] = item.early and index or nil
  end
  for mask = 1, (1 << #early) - 1 do
    local left = {}
    for index, item in ipairs(parameters) do
      local dropped
      for place, which in ipairs(early) do
        dropped = dropped or which == index and mask & (1 << (place - 1)) ~= 0
      end
      left[#left + 1] = not dropped and item or nil
    end
    visit(left)
  end
end

local function annotate(out, entry, events)
  local own = entry.class or ""
  local text, rest = entry.signature:match "`[%w_]+(%b())`(.*)"
  local parameters = name_parameters(split(text:sub(2, -2)))
  local answer, note = rest:match "→ ([^;|]*)(.*)"
  answer = answer and answer:gsub("UDP socket", "UDP")
  local results = split(answer or "")
  note = (note or rest):gsub("^[;: ,]+", ""):gsub("%s+$", "")
  out("---" .. (note ~= "" and note or entry.signature:gsub("%s+$", "")))
  if entry.method == "on" and events then
    for _, event in ipairs(events) do
      local callback = split(event.signature:match "`(.-)`")[1]
      callback.null = " or nil"
      out(("---@overload fun(self: %s, event: %q, callback: %s)"):format(own, event.name, type_of(callback, own)))
    end
  end
  overloads(parameters, function(left)
    out("---@overload " .. fun_type(left, results, own, entry.class))
  end)
  local labels = {}
  for _, item in ipairs(parameters) do
    labels[#labels + 1] = item.label
    out(("---@param %s%s %s"):format(item.label, item.optional and "?" or "", item.label == "..." and "any" or type_of(item, own)))
  end
  for _, item in ipairs(results) do
    out("---@return " .. (item.name == "..." and "any ..." or type_of(item, own)))
  end
  local path = entry.class and entry.class:match "[^.]+$" .. "_object:" .. entry.method or entry.path
  out(("function %s(%s) end\n"):format(path, table.concat(labels, ", ")))
end

-- The lists --------------------------------------------------------------------------------------------------------------

local modules, order = {}, {}

local function module_of(name)
  local root = name:match "^%w+"
  if not modules[root] then
    modules[root] = {tables = {}, classes = {}, events = {}}
    order[#order + 1] = root
  end
  return modules[root]
end

-- The table that a name is in, with those around it.
local function table_of(module, path)
  local around = path:match "^(.*)%.[^.]*$"
  if around then
    table_of(module, around)
  end
  if not module.tables[path] then
    module.tables[path] = {path = path, fields = {}, functions = {}}
    table.insert(module.tables, module.tables[path])
  end
  return module.tables[path]
end

local function add_row(name, signature)
  local module = module_of(name)
  local class, method = name:match "^([%w_.]+):([%w_]+)$"
  local object, event = name:match '^([%w_.]+) "(%w+)"$'
  if class then
    if not module.classes[class] then
      module.classes[class] = {}
      table.insert(module.classes, class)
    end
    table.insert(module.classes[class], {class = class, method = method, signature = signature})
  elseif event then
    module.events[object] = module.events[object] or {}
    table.insert(module.events[object], {name = event, signature = signature})
  else
    local around, last = name:match "^(.*)%.([^.]*)$"
    local into = table_of(module, around)
    if signature:find "%(" then
      table.insert(into.functions, {path = name, signature = signature})
    else
      table.insert(into.fields, {name = last, kind = signature:match "number" and "integer" or signature:match "%w+"})
    end
  end
end

local function read_list(path)
  local file = assert(io.open(top .. path, "rb"))
  local numbers
  for line in file:lines() do
    local name, signature = line:match "^| `([^`]+)` | ([^|]*) |"
    if name then
      add_row(name, signature)
    end
    numbers = line:find "^Numbers: " or numbers and line ~= ""
    for number in (numbers and line or ""):gmatch "`([^`]+)`" do
      add_row(number, "number")
    end
  end
  file:close()
end

local function page(root)
  local module, lines = modules[root], {}
  local function out(line)
    lines[#lines + 1] = line
  end
  out("---@meta " .. root)
  out("-- Made by tools/annotate.lua from docs/api.md and docs/modules.md.\n")
  for _, class in ipairs(module.classes) do
    out("---@class " .. class .. "\nlocal " .. class:match "[^.]+$" .. "_object = {}\n")
    for _, entry in ipairs(module.classes[class]) do
      annotate(out, entry, module.events[class])
    end
  end
  for _, part in ipairs(module.tables) do
    out("---@class " .. part.path .. "_module")
    for _, field in ipairs(part.fields) do
      local name = field.name:find "^%d" and ("[%q]"):format(field.name) or field.name
      out(("---@field %s %s"):format(name, field.kind))
    end
    out(part.path .. " = {}\n")
    for _, entry in ipairs(part.functions) do
      annotate(out, entry)
    end
  end
  out("return " .. root)
  return table.concat(lines, "\n") .. "\n"
end

read_list "docs/api.md"
read_list "docs/modules.md"

local pages = {}
for _, root in ipairs(order) do
  pages[root] = page(root)
end
if ... == "pages" then
  return pages
end
for root, text in pairs(pages) do
  local file = assert(io.open(top .. "docs/luals/" .. root .. ".lua", "wb"))
  file:write(text)
  file:close()
end
