-- A fixed order for next and pairs in a simulation: numbers, strings in the order of their bytes,
-- false, true, then objects in the order of their creation. tostring shows that order in place of
-- an address.

local number_of, new_format = ...
local next, rawget, setmetatable, type, ipairs = next, rawget, setmetatable, type, ipairs
-- A script may change the tables of the libraries.
local find_text, format_text, replace_text = string.match, string.format, string.gsub
local loaded, sort, unpack = package.loaded, table.sort, table.unpack

local ranks = {number = 1, string = 2, boolean = 3}

-- C functions are not objects of their own, so they are ordered by their names.
local functions = {}

local function add_functions(library, seen)
  local names = {}
  for name in next, library do
    names[#names + 1] = type(name) == "string" and name or nil
  end
  sort(names)
  for _, name in ipairs(names) do
    local value = rawget(library, name)
    if type(value) == "function" and not functions[value] then
      seen.count = seen.count + 1
      functions[value] = seen.count
    elseif type(value) == "table" and not seen[value] then
      seen[value] = true
      add_functions(value, seen)
    end
  end
end

local function place_of(object)
  local number = number_of(object)
  if number > 0 then
    return number
  elseif next(functions) == nil then
    add_functions(loaded, {count = 0})
  end
  return (functions[object] or 0) - 0x100000000
end

local function is_before(a, b)
  local rank, other = ranks[type(a)] or 4, ranks[type(b)] or 4
  if rank ~= other then
    return rank < other
  elseif rank == 3 then
    return b and not a
  elseif rank == 4 then
    return place_of(a) < place_of(b)
  end
  return a < b
end

-- The sorted keys of tables that are being traversed. Nothing in here keeps an object alive.
local traversals = setmetatable({}, {__mode = "k"})

local function sort_keys(t)
  local keys, count = {}, 0
  for key in next, t do
    count = count + 1
    keys[count] = key
  end
  sort(keys, is_before)
  local places = setmetatable({}, {__mode = "k"})
  for place = 1, count do
    places[keys[place]] = place
  end
  local traversal = {keys = setmetatable(keys, {__mode = "v"}), places = places, count = count}
  traversals[t] = traversal
  return traversal
end

-- A key that was removed meanwhile, or is new, has no place.
local function find_place(traversal, key)
  local place = traversal.places[key]
  if place then
    return place
  end
  for i = 1, traversal.count do
    local other = traversal.keys[i]
    if other ~= nil and is_before(key, other) then
      return i - 1
    end
  end
  return traversal.count
end

local function ordered_next(t, key)
  if type(t) ~= "table" or key == nil and next(t) == nil then
    return next(t, key)
  end
  local traversal = key ~= nil and traversals[t] or sort_keys(t)
  for place = key == nil and 1 or find_place(traversal, key) + 1, traversal.count do
    local found = traversal.keys[place]
    local value = found ~= nil and rawget(t, found)
    if found ~= nil and value ~= nil then
      return found, value
    end
  end
  traversals[t] = nil
end

local pairs, tostring, getmetatable, select = pairs, tostring, debug.getmetatable, select

_G.next = ordered_next

function _G.pairs(...)
  local fn, state, key = pairs(...)
  return fn == next and ordered_next or fn, state, key
end

-- --- texts ---

local objects = {table = true, ["function"] = true, thread = true, userdata = true}

-- The numbers that were shown in place of those from BOXES on: their places depend on the system.
local BOXES = 0x80000000
local shown = setmetatable({}, {__mode = "k"})
local shown_count = 0

local function address_of(object)
  local place = place_of(object)
  if place >= BOXES then
    if not shown[object] then
      shown_count = shown_count + 1
      shown[object] = BOXES + shown_count
    end
    place = shown[object]
  end
  return format_text("0x%08x", place & 0xffffffff)
end

local function ordered_tostring(...)
  local text = tostring(...)
  local value = ...
  local meta = objects[type(value)] and getmetatable(value)
  if not objects[type(value)] or meta and rawget(meta, "__tostring") then
    return text
  end
  return (find_text(text, "^(.*): ") or type(value)) .. ": " .. address_of(value)
end

_G.tostring = ordered_tostring

local file_class = debug.getregistry()["FILE*"]
local show_file = file_class.__tostring

function file_class.__tostring(file)
  local text = show_file(file)
  return text == "file (closed)" and text or "file (" .. address_of(file) .. ")"
end

-- Replaces the arguments of string.format that have an address by texts.
local function without_addresses(text, ...)
  if type(text) ~= "string" then
    return text, ...
  end
  local values, place = {...}, 0
  local function replace(options, kind)
    place = place + (kind == "%" and 0 or 1)
    local value = values[place]
    if kind == "s" and objects[type(value)] then
      values[place] = ordered_tostring(value)
    elseif kind == "p" and value ~= nil then
      values[place] = objects[type(value)] and address_of(value) or "(null)"
      return "%" .. options .. "s"
    end
  end
  local format = replace_text(text, "%%([-+ #0]*%d*%.?%d*)(.)", replace)
  return format, unpack(values, 1, select("#", ...))
end

string.format = new_format(string.format, without_addresses)
