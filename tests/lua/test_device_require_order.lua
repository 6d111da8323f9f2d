-- A project's own mqtt.lua wins over the firmware's module in `require`; for the modules that every
-- firmware has, it does not. The global variable is the firmware's module in both cases.

local flash = require "netmcu.device.flash"
local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. folder))
flash.mount(folder)

-- A missing file: the firmware's module, without a look at the folders of the desktop's Lua.
package.path = folder .. "/?.desktop;" .. package.path
assert(os.execute(("echo 'return false' > %s/rtcmem.desktop"):format(folder)))
assert(require "rtcmem" == rtcmem)

-- A file of that name
package.loaded.rtcmem = nil
file.putcontents("rtcmem.lua", "return {own = ...}")
assert(require "rtcmem".own == "rtcmem" and package.loaded.rtcmem ~= rtcmem)
assert(type(rtcmem.read32) == "function" and rtcmem.own == nil)

-- A file that assigns the global
package.loaded.rtcmem = nil
file.putcontents("rtcmem.lua", "rtcmem = {assigned = true} return rtcmem")
assert(require "rtcmem" == rtcmem and rtcmem.assigned)

-- Modules that win over a file
file.putcontents("sjson.lua", "error 'must not be loaded'")
file.putcontents("net.lua", "error 'must not be loaded'")
assert(require "sjson" == sjson and require "net" == net)

-- The table of all modules shows those that nobody has used, too. (garbage.lua puts a function in
-- the place of the table.)
local rom, seen = getmetatable(_G).__index, {}
if type(rom) == "table" then
  for name in pairs(rom) do
    seen[name] = true
  end
  for _, name in ipairs(require "netmcu.device.init".names()) do
    assert(seen[name], name)
  end
end

file.remove("rtcmem.lua")
package.loaded.rtcmem, rtcmem = nil, nil
assert(rtcmem == require "rtcmem" and rtcmem.read32, "a removed global uncovers the firmware's")
for name in pairs(file.list()) do
  file.remove(name)
end
assert(os.execute("rmdir " .. folder))
