-- catalogue: the smaller modules. Their files, catalogue_NAME.lua, return tables of modules;
-- modules.lua knows which module is in which file. A module is a list of rows:
--
--   {"read(address [, count]) → number or nil", function(address, count) … end}
--
-- docs/modules.md shows the text. Before the function of a row is called, its arguments are checked
-- by their names in the text; an argument in brackets may be nil. `constants` are the numbers of
-- the module. `part` is the kind of part that the module reads. If that part is always at the same
-- `address`, a default one is plugged in there unless a test has plugged in another.

local argument = require "netmcu.device.argument"
local modules = require "netmcu.device.modules"
local parts = require "netmcu.parts.init"

local catalogue = {}

local function check_function(value, position, caller)
  return argument.typed(value, position, caller, "function")
end

-- The checks of the names whose values are not integers.
local checks = {
  text = argument.text,
  ["function"] = check_function,
  options = function(value, position, caller) return argument.typed(value, position, caller, "table") end,
  anything = function(value) return value end,
}

-- Returns the name of a function, and its parameters in order. Each has a check, and may be
-- optional.
local function read_signature(text)
  local name, list = string.match(text, "^([%w_]+)(%b())")
  local parameters, depth = {}, 0
  list = string.gsub(string.sub(list, 2, -2), "function%b()", "function")
  for bracket, word in string.gmatch(list, "(%[?)[ ,]*([%w_]+)") do
    depth = depth + #bracket
    parameters[#parameters + 1] = {check = checks[word] or argument.integer, is_optional = depth > 0}
  end
  return name, parameters
end

local function wrap(name, parameters, fn, rows)
  return function(...)
    local values = {...}
    if rows.address then
      parts.find(rows.part, {bus = 0, address = rows.address})
    end
    for position, parameter in ipairs(parameters) do
      local value = values[position]
      if value ~= nil or not parameter.is_optional then
        values[position] = parameter.check(value, position, name)
      end
    end
    return fn(table.unpack(values, 1, #parameters))
  end
end

local function build(rows)
  local api = {}
  for _, row in ipairs(rows) do
    local name, parameters = read_signature(row[1])
    api[name] = wrap(name, parameters, row[2], rows)
  end
  for name, value in pairs(rows.constants or {}) do
    api[name] = value
  end
  return api
end

-- Returns the rows of a module; nil if the catalogue does not contain it.
function catalogue.rows(name)
  local file = modules.catalogued[name]
  return file and require("netmcu.device.catalogue_" .. file)[name]
end

local apis = {}

-- Returns a module of the catalogue in the form in which other modules' files do.
function catalogue.definition(name)
  apis[name] = apis[name] or {api = build(catalogue.rows(name))}
  return apis[name]
end

return catalogue
