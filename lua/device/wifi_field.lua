-- The fields of the tables that configure wifi.

local argument = require "netmcu.device.argument"

-- Checks the fields that the table sets, with the messages of the firmware, and returns their
-- values. Each rule is
--   {key, type, message for a wrong type [, least, most, message for a value out of range]}
-- The range of a string is that of its length. As in C, a number stands for its text and a text for
-- its number.
local function check(config, caller, rules)
  local values = {}
  for _, rule in ipairs(rules) do
    local key, kind, wrong_type, least, most, wrong_range = table.unpack(rule)
    local value = config[key]
    if kind == "string" and type(value) == "number" then
      value = tostring(value)
    elseif kind == "number" and tonumber(value) then
      value = argument.integer(value, 1, caller)
    end
    argument.check(value == nil or type(value) == kind, 1, caller, wrong_type)
    if value ~= nil and least then
      local measure = kind == "string" and #value or value
      argument.check(measure >= least and measure <= most, 1, caller, wrong_range)
    end
    values[key] = value
  end
  return values
end

return check
