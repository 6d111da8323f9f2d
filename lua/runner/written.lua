-- For --watch: tells which files of the flash the script writes itself, since these are no reason to restart it.
--
--   require "netmcu.runner.written"(fn)    fn(name) before a file is opened for writing, removed or renamed

local flash = require "netmcu.device.flash"

local function tell_before(methods, name, fn, writes)
  local method = methods[name]
  methods[name] = function(self, ...)
    if writes(...) then
      for _, file in ipairs {...} do
        fn(file)
      end
    end
    return method(self, ...)
  end
end

local function always()
  return true
end

return function(fn)
  local methods = getmetatable(flash.folder()).__index
  tell_before(methods, "open", fn, function(_, mode) return mode and mode ~= "r" and mode ~= "rb" end)
  tell_before(methods, "remove", fn, always)
  tell_before(methods, "rename", fn, always)
end
