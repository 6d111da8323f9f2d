-- Fills the tables of the modules that init.lua has created, when they are first used, and lists
-- their functions.

local modules = {}

-- The modules in the catalogue, and the end of the name of the file that has them. A device that
-- uses none of them does not load the catalogue and the parts.
modules.catalogued = {
  am2320 = "climate", bme680 = "climate", hdc1080 = "climate",
  mcp4725 = "light", tcs34725 = "light", tsl2561 = "light",
  adxl345 = "motion", hmc5883l = "motion", hx711 = "motion", l3g4200d = "motion", xpt2046 = "motion",
  gdbstub = "outputs", rc = "outputs", rfswitch = "outputs", somfy = "outputs", switec = "outputs", wps = "outputs",
}

local function absent_function(name)
  return function()
    error(name .. " is not provided on the desktop", 2)
  end
end

-- Adds the functions in the list to the tables that lack them, where pairs does not show them. A
-- name with a dot stands for a function of an inner table.
local function add_absent(module, api, list)
  local found = {[api] = {}}
  for path in string.gmatch(list, "%S+") do
    local inner, name = string.match(path, "^(.*)%.(.-)$")
    local owner = inner and api[inner] or api
    found[owner] = found[owner] or {}
    found[owner][name or path] = absent_function(module .. "." .. path)
  end
  for owner, functions in pairs(found) do
    setmetatable(owner, {__index = functions})
  end
end

-- The script gets its own copies of inner tables (wifi.sta), because netmcu's modules call the
-- functions in them too.
local function copy_for_script(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, inner in pairs(value) do
    copy[key] = copy_for_script(inner)
  end
  return setmetatable(copy, getmetatable(value))
end

-- Returns what the file of a module returns, or the catalogue.
local function definition_of(name)
  if modules.catalogued[name] then
    return require "netmcu.device.catalogue".definition(name)
  end
  return require("netmcu.device." .. name)
end

-- Fills the table of a module. Keeps what the script has put into it.
function modules.fill(api, name)
  local definition = definition_of(name)
  setmetatable(api, nil)
  for key, value in pairs(definition.api) do
    if api[key] == nil then
      api[key] = copy_for_script(value)
    end
  end
  add_absent(name, api, definition.absent or "")
  if definition.lookup then
    setmetatable(getmetatable(api).__index, {__index = function(_, key) return definition.lookup(key) end})
  end
  return api
end

local function add_functions(list, prefix, functions)
  for key, value in pairs(functions) do
    if type(value) == "function" then
      list[#list + 1] = prefix .. key
    elseif type(value) == "table" and value ~= functions then
      add_functions(list, prefix .. key .. ".", value)
    end
  end
end

-- Returns the sorted names of the functions of these modules, and of cjson, which is another name
-- of sjson. The modules net and tmr are in C.
function modules.list(names)
  local list = {}
  for _, name in ipairs(names) do
    local is_of_c = name == "net" or name == "tmr"
    add_functions(list, name .. ".", is_of_c and require(name) or definition_of(name).api)
  end
  add_functions(list, "cjson.", require "netmcu.device.sjson".api)
  table.sort(list)
  return list
end

return modules
