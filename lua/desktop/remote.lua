-- In a test on a simulated network, the script under test runs on another host, in another Lua
-- state. This file passes calls of the module netmcu that concern the script to that state.

local netmcu = require "netmcu"
local host = require "netmcu.host"

local remote = {}

-- Sets the functions. new_device() returns the globals of the device, which is created when a test
-- first needs it.
function remote.install(new_device)
  local device

  local function get()
    if not device then
      local globals = new_device()
      device = globals.require "netmcu"
      globals.require "netmcu.desktop.test".serve(function(text) host.write(text) end, _G.os.exit)
    end
    return device
  end

  -- These settings of the network apply to both hosts, as if both were one program.
  for _, name in ipairs {"resolve", "fault", "bind", "trace", "options", "dns", "map_port"} do
    local own = netmcu[name]
    netmcu[name] = function(...)
      local result = own(...)
      get()[name](...)
      return result
    end
  end

  function netmcu.walk()
    local list = host.walk()
    for _, line in ipairs(get().walk()) do
      list[#list + 1] = line
    end
    return list
  end

  function netmcu.connect_fails(peer, port)
    netmcu.fault {kind = "refuse", peer = peer, port = port}
  end

  for _, name in ipairs {"script", "left", "mapped_port", "part", "parts"} do
    netmcu[name] = function(...)
      return get()[name](...)
    end
  end
  for _, name in ipairs {"gpio", "adc", "pcm", "rotary", "softuart", "somfy", "wifi", "i2c", "spi", "ow"} do
    netmcu[name] = setmetatable({}, {__index = function(_, key) return get()[name][key] end})
  end
end

return remote
