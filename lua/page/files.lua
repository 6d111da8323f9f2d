-- The files of the flash, for the page. Each function returns the answer to a question of the page,
-- and perhaps bytes. The page sees the folder itself, so that a script that has failed can be
-- mended.

local open_folder = require "netmcu.device.folder"

local MOST_FILES = 500
local MOST_LOOKS = 5000   -- at files and folders: the folder of the script may be a home directory
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

local function add_file(list, name, size)
  list.count = list.count + 1
  list.files[#list.files + 1] = list.count <= MOST_FILES and {name = name, size = size} or nil
end

-- Adds the files of a folder, then those of the folders in it. Hidden ones, such as those of a version
-- control system, are left out.
local function add_files(folder, inner, depth, list)
  local names, folders = folder:entries(inner), {}
  table.sort(names)
  for _, entry in ipairs(names) do
    if list.looks == MOST_LOOKS then
      return
    elseif string.sub(entry, 1, 1) ~= "." then
      list.looks = list.looks + 1
      local size, is_folder = folder:stat(inner .. entry)
      if is_folder then
        folders[#folders + 1] = inner .. entry .. "/"
      elseif size then
        add_file(list, inner .. entry, size)
      end
    end
  end
  for i = 1, depth < DEPTH and #folders or 0 do
    add_files(folder, folders[i], depth + 1, list)
  end
end

function files.list(root)
  local list = {files = {}, count = 0, looks = 0}
  add_files(open(root), "", 1, list)
  list.is_cut, list.looks = list.looks == MOST_LOOKS, nil
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

-- With `keep`, does not replace a file.
function files.write(root, name, bytes, keep)
  local folder = open(root)
  if keep and folder:stat(name) then
    return {exists = true}
  end
  local handle, message = folder:open(name, "w")
  if not handle then
    return {error = message}
  end
  local written, problem = handle:write(bytes)
  local closed, reason = handle:close()
  return {error = (not written and problem or not closed and reason) or nil}
end

return files
