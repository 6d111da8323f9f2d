-- The methods of the flash's folder that only call its other methods. folder.c has those that call
-- the system.
--
--   folder = open(path)                returns a folder, or nil and a message if it cannot be opened;
--                                      folder.c describes its other methods
--     folder:list()                    returns a table from the name of every file to its size; the names of files in
--                                      inner folders contain "/"
--     folder:clear()                   removes every file and folder inside
--     folder:remove(name), folder:rename(from, to)    of a file; return whether it was done
--     folder:changed(name)             does nothing; --watch replaces it, to learn what the script changes itself

local folder = require "netmcu.folder"
local methods = folder.methods

local DEPTH = 32 -- nested folders that are walked

-- Calls visit(name) for everything below an inner folder, whose name ends with "/". What is inside a
-- folder comes before the folder itself.
local function walk(self, inner, depth, visit)
  for _, entry in ipairs(self:entries(inner)) do
    local name = inner .. entry
    local _, is_directory = self:stat(name)
    if is_directory and depth < DEPTH then
      walk(self, name .. "/", depth + 1, visit)
    end
    visit(name)
  end
end

-- Returns the size of a file, or nil if it is something else.
local function size_of_file(self, name)
  local size, is_directory = self:stat(name)
  return not is_directory and size or nil
end

function methods:list()
  local sizes = {}
  walk(self, "", 1, function(name)
    sizes[name] = size_of_file(self, name)
  end)
  return sizes
end

function methods.changed() end

function methods:clear()
  walk(self, "", 1, function(name)
    self:erase(name)
    self:changed(name)
  end)
end

function methods:remove(name)
  local done = size_of_file(self, name) ~= nil and self:erase(name)
  self:changed(name)
  return done
end

function methods:rename(from, to)
  local done = size_of_file(self, from) ~= nil and self:move(from, to)
  self:changed(from)
  self:changed(to)
  return done
end

return folder.open
