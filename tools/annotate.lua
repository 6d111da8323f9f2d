-- Writes docs/luals, the annotations for the Lua language server, from the lists in docs/api.md,
-- docs/modules.md and docs/simulation.md:
--
--   tools/run tools/annotate.lua
--
-- Each module has its own file. With the argument "pages", the script writes nothing and returns
-- the files by name.
--
-- The rows of the lists:
--   `module.name`           a function and how to call it, or the type of a field
--   `module.class:name`     a method
--   `module.class "name"`   an event, with the function that handles it
--   Any `module.font_NAME`: fields of any name
--   Like `module.name`: `module.other`, …     functions that are called alike
--   `module.name {field}`   a field of the table that the function takes or returns, or of the
--                           class of that name; {[field]} is optional
-- A third column, if there is one, is the description.

local top = arg[0]:match "^(.*)tools/[^/]*$" or ""
if os.getenv "NETMCU_SOURCE" then
  top = os.getenv "NETMCU_SOURCE" .. "/"
end

-- The types of the words in the lists. Any other word means any type.
local types = {}
for kind, words in pairs {
  integer = [[port ttl count lost index bytes sequence timeout code id microseconds seconds baud databits parity stopbits level pin
    offset position steps size value shift millivolts priority status event_id channel mode pull rate power cycles direction
    speed kind number type option from to serial run_input format decimals
    x y width height radius length channels led factor byte color red green blue white brightness hue saturation bus cs dc res
    data_pin clock_pin
    switch hz duty divisor device_address cpol cpha databits clock_div duplex_mode default_data
    bitlen cmd_bitlen cmd_data addr_bitlen addr_data mosi_bitlen dummy_bitlen miso_bitlen family alarm crc crc_low crc_high
    thousandths parasite resolution heater heater_setting oversampling gain samples conversions threshold comparator_mode
    keepalive clean_session max_message_length qos retain opcode]],
  number = "ms share temp humidity pressure altitude",
  string = [[line effect ip host name data interface_ip group_ip text filename access pattern whence ssid password netmask gateway mac
    bssid folder layout algorithm key vector event kind_of_edge group rule mask address second_address reason string
    client_id user topic message url method body header_lines certificate rom]],
  boolean = "boolean on restart save as_table all ack_check ack",
  table = "table options list details program topics headers settings functions",
  ["function"] = "function chunk",
  ["fun(): any"] = "predicate",
  ["string[]"] = "lines",
  ['"tcp"|"udp"'] = "protocol",
  ['"text"|"json"'] = "form",
  ["netmcu.script"] = "script",
  ["netmcu.part"] = "part",
  ["sim.host_settings"] = "host_settings",
  ["sim.link_settings"] = "link_settings",
  ["sim.name_settings"] = "name_settings",
  ["ads1115.device"] = "converter",
  ["integer|string"] = "amount text_or_byte wanted",
  ["integer|boolean"] = "adjust",
  ["boolean|integer"] = "secure echo auto unregister_all",
  ["integer|integer[]"] = "delays",
  ["string|table"] = "station_config output",
  ["coap.client"] = "coap_client",
  ["coap.server"] = "coap_server",
  ["mqtt.client"] = "client",
  ["net.socket"] = "socket",
  ["tls.socket"] = "TLS",
  ["net.server"] = "server",
  ["net.udpsocket"] = "UDP",
  ["tmr.timer"] = "timer",
  ["file.file"] = "file",
  ["gpio.pulse"] = "pulse",
  ["cron.entry"] = "entry",
  ["websocket.client"] = "ws",
  ["crypto.hash"] = "hash",
  ["sjson.encoder"] = "encoder",
  ["sjson.decoder"] = "decoder",
  ["pipe.pipe"] = "pipe",
  ["softuart.port"] = "serial_port",
  ["pcm.driver"] = "driver",
  ["bloom.filter"] = "filter",
  ["wifi.packet"] = "packet",
  ["pixbuf.buffer"] = "buffer",
  ["u8g2.display"] = "display",
  ["u8g.display"] = "u8g_display",
  ["ucg.display"] = "ucg_display",
  ["string|pixbuf.buffer"] = "pixels text_or_buffer",
  ["nil"] = "nil",
} do
  for word in words:gmatch "%S+" do
    types[word] = kind
  end
end

-- What the rows do not express: forms that return or take something else, such as those of older
-- firmware. A type of its own tells them apart.
local other_forms = {
  ["mqtt.client:connect"] = "fun(self: mqtt.client, host: string, port: integer, secure: boolean|integer, " ..
    "autoreconnect: integer, callback?: fun(client: mqtt.client), callback2?: fun(client: mqtt.client, code: integer)): boolean",
  ["mqtt.client:subscribe"] = "fun(self: mqtt.client, topics: table, callback?: fun(client: mqtt.client)): boolean",
  ["net.createConnection"] = "fun(type: net.UDP, secure?: any): net.udpsocket",
  ["net.createServer"] = "fun(type: net.UDP, timeout?: integer): net.udpsocket",
  ["net.udpsocket:send"] = "fun(self: net.udpsocket, data: string, callback?: fun(socket: net.udpsocket))",
}
for _, method in ipairs {"get", "post", "put", "delete"} do
  other_forms["coap.client:" .. method] = "fun(self: coap.client, uri: string, data?: string)"
end
local field_types = {["net.UDP"] = "net.UDP"}
local integer_classes = {net = {"net.UDP"}}

-- Signatures
-- -------------------------------------------------------------------------------------------------------------

-- Parses "a [, b or c] [, function(d) or nil]" into a list of items. An item has a name, its
-- alternative names, whether it may be nil, and the number of brackets around it. A function has
-- the items of its parameters in `inner`.
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
      local item = {name = word:match "^[%w_.]+", others = {}, null = word:find " or nil *$", depth = depth}
      for other in word:gmatch " or ([%w_.]+)" do
        item.others[#item.others + 1] = other ~= "nil" and other or nil
      end
      items[#items + 1] = item
    else
      local character = text:sub(at, at)
      depth = depth + (character == "[" and 1 or character == "]" and -1 or 0)
      at = at + 1
    end
  end
  return items
end

-- The classes of tables, indexed by the function that takes or returns them; see add_row.
local field_classes = {}

-- The words that mean something else in scenarios.
local sim_types = {host = "sim.host", a = "sim.host|sim.host[]|nil", b = "sim.host|sim.host[]|nil"}

local function type_of(item, own, path)
  local kind
  if item.inner then
    local parameters = {}
    for index, parameter in ipairs(item.inner) do
      local name = parameter.name == "nil" and "nothing" or parameter.name
      for before = 1, index - 1 do
        name = item.inner[before].name == parameter.name and name .. index or name
      end
      parameters[index] = name .. ": " .. type_of(parameter, own, path)
    end
    kind = ("fun(%s)"):format(table.concat(parameters, ", "))
    return item.null and "(" .. kind .. ")|nil" or kind
  end
  local function kind_of(name)
    return name == "socket" and own == "net.udpsocket" and own
      or path and path:find "^sim%." and sim_types[name]
      or types[name] == "table" and field_classes[path] and path
      or types[name] or "any"
  end
  kind = kind_of(item.name)
  for _, other in ipairs(item.others) do
    local also = kind_of(other)
    kind = kind == also and kind or kind .. "|" .. also
  end
  return item.null and kind:find "|" and kind .. "|nil" or item.null and kind .. "?" or kind
end

-- Renames parameters whose names occur twice or are reserved words of Lua.
local function name_parameters(items)
  local seen = {["function"] = true, ["nil"] = true, ["..."] = false}
  for index, item in ipairs(items) do
    if item.name == "function" then
      item.label = "callback"
    elseif seen[item.name] then
      item.label = item.name .. index
    end
    item.label = item.label or item.name
    seen[item.name] = item.name ~= "..."
  end
  -- An optional parameter before a mandatory one, or before one that may come without it, gets
  -- forms of its own.
  for index, item in ipairs(items) do
    for later = index + 1, #items do
      local other = items[later]
      item.early = item.early or item.depth > 0 and other.depth <= item.depth and (other.inner or other.depth == 0)
    end
    item.optional = item.depth > 0 and not item.early
  end
  return items
end

-- Annotations
-- ------------------------------------------------------------------------------------------------------------

local function fun_type(parameters, results, own, path)
  local texts = {own ~= "" and "self: " .. own or nil}
  for _, item in ipairs(parameters) do
    local optional = item.optional and "?" or ""
    texts[#texts + 1] = item.label == "..." and "..." or ("%s%s: %s"):format(item.label, optional,
      type_of(item, own, path))
  end
  local answer = {}
  for _, item in ipairs(results) do
    answer[#answer + 1] = item.name == "..." and "..." or type_of(item, own, path)
  end
  return ("fun(%s)%s"):format(table.concat(texts, ", "), #answer > 0 and ": " .. table.concat(answer, ", ") or "")
end

-- Visits the forms without some of the optional arguments.
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
  if entry.original then
    out(entry.path .. " = " .. entry.original)
    return
  end
  local own = entry.class or ""
  local text, rest = entry.signature:match "`[%w_]+(%b())`(.*)"
  local parameters = name_parameters(split(text:sub(2, -2)))
  local answer, note = rest:match "→ ([^;|]*)(.*)"
  answer = answer and answer:gsub("UDP socket", "UDP")
  local results = split(answer or "")
  note = entry.about or (note or rest):gsub("^[;: ,]+", ""):gsub("%s+$", "")
  out("---" .. (note ~= "" and note or entry.signature:gsub("%s+$", "")))
  if entry.method == "on" and events then
    for _, event in ipairs(events) do
      local callback = split(event.signature:match "`(.-)`")[1]
      callback.null = " or nil"
      out(("---@overload fun(self: %s, event: %q, callback: %s)"):format(own, event.name, type_of(callback, own)))
    end
  end
  local older = other_forms[entry.path or entry.class .. ":" .. entry.method]
  if older then
    out("---@overload " .. older)
  end
  overloads(parameters, function(left)
    out("---@overload " .. fun_type(left, results, own, entry.path))
  end)
  local labels = {}
  for _, item in ipairs(parameters) do
    labels[#labels + 1] = item.label
    out(("---@param %s%s %s"):format(item.label, item.optional and "?" or "",
      item.label == "..." and "any" or type_of(item, own, entry.path)))
  end
  for _, item in ipairs(results) do
    out("---@return " .. (item.name == "..." and "any ..." or type_of(item, own, entry.path)))
  end
  local path = entry.class and entry.class:match "[^.]+$" .. "_object:" .. entry.method or entry.path
  out(("function %s(%s) end\n"):format(path, table.concat(labels, ", ")))
end

-- The lists
-- --------------------------------------------------------------------------------------------------------------

local modules, order = {}, {}
local other_names = {sjson = {"cjson"}}

local function module_of(name)
  local root = name:match "^[%w_]+"
  if not modules[root] then
    modules[root] = {tables = {}, classes = {}, events = {}}
    order[#order + 1] = root
  end
  return modules[root]
end

-- Returns the table of a name, and creates the tables around it.
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

local function class_of(module, name)
  if not module.classes[name] then
    module.classes[name] = {name = name, fields = {}, methods = {}}
    table.insert(module.classes, module.classes[name])
  end
  return module.classes[name]
end

local function field(name, signature, about)
  local kind = signature:match "^`(.*)`"
  local word = signature:match "[%w_.]+"
  return {name = name, kind = kind and kind:gsub(" or ", "|") or types[word] or word, about = about}
end

local function add_row(name, signature, about)
  local module = module_of(name)
  local class, method = name:match "^([%w_.]+):([%w_]+)$"
  local object, event = name:match '^([%w_.]+) "(%w+)"$'
  local of, key = name:match "^([%w_.]+) {(%[?[%w_]+%]?)}$"
  if class then
    table.insert(class_of(module, class).methods, {class = class, method = method, signature = signature, about = about})
  elseif event then
    module.events[object] = module.events[object] or {}
    table.insert(module.events[object], {name = event, signature = signature})
  elseif key then
    field_classes[of] = true
    table.insert(class_of(module, of).fields, field(key:gsub("^%[(.*)%]$", "%1?"), signature, about))
  else
    local around, last = name:match "^(.*)%.([^.]*)$"
    local into = table_of(module, around)
    if signature:find "%(" then
      table.insert(into.functions, {path = name, signature = signature, about = about})
    else
      table.insert(into.fields, field(last, field_types[name] or signature, about))
    end
  end
end

-- Adds a function that is called like another one.
local function add_alias(name, original)
  local functions = module_of(name).tables[name:match "^(.*)%."].functions
  functions[#functions + 1] = {path = name, original = original}
end

local function read_list(path)
  local file = assert(io.open(top .. path, "rb"))
  local numbers, original
  for line in file:lines() do
    local name, signature, about = line:match "^| `([^`]+)` | ([^|]*) | ?(.*)$"
    if name then
      -- In lists with more columns, the third column is not a description.
      about = about:match "^([^|]*[^| ]) |$"
      add_row(name, signature, about)
    end
    numbers = line:find "^Numbers: " or numbers and line ~= ""
    for number in (numbers and line or ""):gmatch "`([^`]+)`" do
      add_row(number, "number")
    end
    local open = line:match "^Any `([%w_]+)%."
    if open then
      module_of(open).tables[open].is_open = true
    end
    original = line:match "^Like `([^`]+)`: " or line ~= "" and original or nil
    for alias in (original and line:gsub("^Like.-: ", "") or ""):gmatch "`([^`]+)`" do
      add_alias(alias, original)
    end
  end
  file:close()
end

local function declare_fields(out, fields)
  for _, entry in ipairs(fields) do
    local name = entry.name:find "^%d" and ("[%q]"):format(entry.name) or entry.name
    out(("---@field %s %s%s"):format(name, entry.kind, entry.about and " " .. entry.about or ""))
  end
end

-- The device's modules are globals; the desktop's own ones must be required.
local required = {netmcu = "netmcu", sim = "netmcu.sim"}

local function page(root)
  local module, lines = modules[root], {}
  local function out(line)
    lines[#lines + 1] = line
  end
  out("---@meta " .. (required[root] or root))
  out(("-- Made by tools/annotate.lua from %s.\n"):format(root == "sim" and "docs/simulation.md"
    or "docs/api.md and docs/modules.md"))
  for _, name in ipairs(integer_classes[root] or {}) do
    out("---@class " .. name .. ": integer\n")
  end
  for _, class in ipairs(module.classes) do
    out("---@class " .. class.name)
    declare_fields(out, class.fields)
    out(#class.methods > 0 and "local " .. class.name:match "[^.]+$" .. "_object = {}\n" or "")
    for _, entry in ipairs(class.methods) do
      annotate(out, entry, module.events[class.name])
    end
  end
  for _, part in ipairs(module.tables) do
    out("---@class " .. part.path .. "_module")
    declare_fields(out, part.fields)
    if part.is_open then
      out "---@field [string] any"
    end
    out((required[part.path] and "local " or "") .. part.path .. " = {}\n")
    for _, entry in ipairs(part.functions) do
      annotate(out, entry)
    end
  end
  for _, other in ipairs(other_names[root] or {}) do
    out(other .. " = " .. root .. "\n")
  end
  out("return " .. root)
  return table.concat(lines, "\n") .. "\n"
end

read_list "docs/api.md"
read_list "docs/modules.md"
read_list "docs/simulation.md"

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
