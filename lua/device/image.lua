-- The image of Lua modules in the flash (LFS). Here it is a folder of this machine that contains
-- their sources: --lfs DIR, or lfs/ beside the script.

local host = require "netmcu.host"
local device = require "netmcu.device.init"

local BASE = 0x100000     -- where the image is in the device's flash
local MAPPED = 0x40200000 -- where the chip's memory shows the flash
local REGION = 0x10000    -- the size of the region for the image is a multiple of this

-- `environment` has the globals of the functions, which a test may replace.
local image = {base = BASE, mapped = MAPPED + BASE, environment = _G}

-- nil if there is no image
local folder = require "netmcu.device.folder"(host.lfs or (host.root or ".") .. "/lfs")

-- Returns the function of a module, or nil. As on the device, each call makes another one.
function image.get(name)
  if not folder or type(name) ~= "string" or string.find(name, "/", 1, true) then
    return nil
  end
  local file = folder:open(name .. ".lua")
  if not file then
    return nil
  end
  local text = file:read "a"
  file:close()
  local chunk, message = device.load(text, "@" .. name .. ".lua", nil, image.environment)
  if not chunk then
    error(message, 0)
  end
  return chunk
end

-- Calls visit(module, file, size) for each module.
local function each_module(visit)
  for file, size in pairs(folder:list()) do
    local name = string.match(file, "^([^/]+)%.lua$")
    if name then
      visit(name, file, size)
    end
  end
end

-- Returns the sorted names of all modules, or nil.
function image.list()
  if not folder then
    return nil
  end
  local names = {}
  each_module(function(name) names[#names + 1] = name end)
  table.sort(names)
  return names
end

-- Returns the size of the region, the size of all sources, and when they were changed last. The
-- sizes are 0 and the time is nil without an image.
function image.measure()
  if not folder then
    return 0, 0, nil
  end
  local used, time = 0, 0
  each_module(function(_, file, size)
    used, time = used + size, math.max(time, (select(4, folder:stat(file))))
  end)
  return (used + REGION - 1) // REGION * REGION, used, time
end

return image
