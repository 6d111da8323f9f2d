-- For --watch: notes which files of the flash the script itself writes, because they do not restart
-- it.
--
--   require "netmcu.runner.written"(opened, changed)
--     opened(handle, path)   called when the script has opened a file for writing
--     changed(path)          called when the script has renamed or removed a file

local host = require "netmcu.host"
local flash = require "netmcu.device.flash"

return function(opened, changed)
  local methods = getmetatable(flash.folder()).__index
  local open, remove, rename, clear = methods.open, methods.remove, methods.rename, methods.clear

  local function path_of(name)
    return host.root .. "/" .. name
  end

  function methods.open(folder, name, mode)
    local handle, message, code = open(folder, name, mode)
    if handle and mode and mode ~= "r" and mode ~= "rb" then
      opened(handle, path_of(name))
    end
    return handle, message, code
  end

  function methods.remove(folder, name)
    local done = remove(folder, name)
    changed(path_of(name))
    return done
  end

  function methods.rename(folder, old, new)
    local done = rename(folder, old, new)
    changed(path_of(old))
    changed(path_of(new))
    return done
  end

  function methods.clear(folder)
    local names = folder:list()
    clear(folder)
    for name in pairs(names) do
      changed(path_of(name))
      for folder_end in string.gmatch(name, "()/") do
        changed(path_of(string.sub(name, 1, folder_end - 1)))
      end
    end
  end
end
