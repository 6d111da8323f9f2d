-- The files of the flash, for the page. Each function returns the answer to a question of the page,
-- and perhaps bytes. The page sees the folder itself, so that a script that has failed can be
-- mended.

local open_folder = require "netmcu.device.folder"

local MOST_FILES = 500
local MOST_SIZE = 1048576 -- bytes of a file that the page shows
local DEPTH = 8           -- nested folders

local files = {}

local function open(root)
  local folder, message = open_folder(root)
  if not folder then
    error(message, 0)
  end
  return folder
end

-- Hidden files, such as those of a version control system, are left out.
local function add_files(folder, inner, depth, list)
  local names = folder:entries(inner)
  table.sort(names)
  for _, entry in ipairs(names) do
    local name = inner .. entry
    local size, is_folder = folder:stat(name)
    local is_hidden = string.sub(entry, 1, 1) == "."
    if is_folder and depth < DEPTH and not is_hidden then
      add_files(folder, name .. "/", depth + 1, list)
    elseif size and not is_folder and not is_hidden then
      list.count = list.count + 1
      list.files[#list.files + 1] = list.count <= MOST_FILES and {name = name, size = size} or nil
    end
  end
end

function files.list(root)
  local list = {files = {}, count = 0}
  add_files(open(root), "", 1, list)
  return list
end

function files.read(root, name)
  local folder = open(root)
  local size = folder:stat(name)
  if (size or 0) > MOST_SIZE then
    return {error = string.format("%s has %d bytes: the page shows up to %d", name, size, MOST_SIZE)}
  end
  local handle, message = folder:open(name)
  if not handle then
    return {error = message}
  end
  local text = handle:read "a"
  handle:close()
  return {is_text = _G.utf8.len(text) ~= nil and not string.find(text, "\0", 1, true)}, text
end

function files.write(root, name, bytes)
  local handle, message = open(root):open(name, "w")
  if not handle then
    return {error = message}
  end
  local written, problem = handle:write(bytes)
  local closed, reason = handle:close()
  return {error = (not written and problem or not closed and reason) or nil}
end

return files
