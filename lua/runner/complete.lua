-- Completes the name before the cursor at the prompt: a global (`wi` to `wifi`), or a field or method
-- below one (`wifi.sta.ge` to `wifi.sta.get`, `socket:se` to `socket:send`).
--
-- It looks only into tables. The only function of a script that it may call is a __pairs.

local complete = {}

-- The fields of a value: its own, and those of the tables that it gets others from.
local function fields(value)
  local all, seen = {}, {}
  local from = value
  repeat
    if type(from) == "table" then
      seen[from] = true
      for key, field in pairs(from) do
        if all[key] == nil then
          all[key] = field
        end
      end
    end
    local meta = debug.getmetatable(from)
    from = meta and rawget(meta, "__index")
  until type(from) ~= "table" or seen[from]
  return all
end

-- Returns the value that a path such as "wifi.sta." leads to, or nil. A path such as ".x" belongs to
-- an expression, whose value is not known.
local function follow(path)
  local value = not string.find(path, "^[.:%d]") and _G or nil
  for name in string.gmatch(path, "([%a_][%w_]*)[.:]") do
    value = fields(value)[name]
  end
  return value
end

-- Returns the sorted names below a path that begin with `beginning`; after a colon, only those of
-- functions. Names such as __gc, which only Lua uses, are left out if there is no beginning.
local function names(path, beginning)
  local found = {}
  local is_method = string.sub(path, -1) == ":"
  for key, field in pairs(fields(follow(path))) do
    local fits = type(key) == "string" and string.find(key, "^[%a_][%w_]*$")
      and (beginning ~= "" or not string.find(key, "^__"))
    if fits and string.sub(key, 1, #beginning) == beginning and (not is_method or type(field) == "function") then
      found[#found + 1] = key
    end
  end
  table.sort(found)
  return found
end

-- How many bytes of the first name all others begin with. The names are sorted, so that comparing
-- the first with the last suffices.
local function common(found)
  local first, last = found[1], found[#found]
  local same = 0
  while same < #first and string.byte(first, same + 1) == string.byte(last, same + 1) do
    same = same + 1
  end
  return same
end

-- Takes the line up to the cursor. Returns the text to insert there. If this is empty because several
-- names are possible, also returns these names, in one text.
function complete.line(line)
  local path, beginning = string.match(line, "([%w_.:]-)([%a_]?[%w_]*)$")
  local done, found = pcall(names, path, beginning)
  if not done or #found == 0 then
    return ""
  end
  local text = string.sub(found[1], #beginning + 1, common(found))
  return text, text == "" and #found > 1 and table.concat(found, "  ") or nil
end

return complete
