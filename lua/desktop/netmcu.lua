-- The module netmcu, for what a desktop has and a device does not: run and stop the loop, wait in a
-- test, set options, list what is open. docs/modules.md describes each function.

require "net" -- creates the host, if this is the first module of netmcu in a stock Lua

-- A stock Lua has loaded this file with the script's globals.
local _ENV = require "netmcu.host".environment
local host = require "netmcu.host"

local netmcu = {version = host.version}

for _, name in ipairs {
  "run", "stop", "wait", "options", "walk", "map_port", "mapped_port", "resolve", "bind", "trace", "stats", "fault",
} do
  netmcu[name] = host[name]
end

local servers = {}

-- Each call adds a server, as --dns does. The second server takes the second place; a further call
-- replaces it.
function netmcu.dns(first, second)
  local wanted = second and {first, second} or {servers[1] or first, servers[1] and first}
  local done, message = pcall(host.options, {dns = wanted})
  if not done then
    error((string.gsub(message, "^option ", "")), 2)
  end
  servers = wanted
end

function netmcu.install(root)
  host.root = root or host.root
  require "netmcu.device.init".install()
end

-- Calls a function of the parts. Its errors have the position of the caller.
local function of_parts(module, name)
  return function(...)
    local results = table.pack(pcall(require("netmcu.parts." .. module)[name], ...))
    if not results[1] then
      error(results[2], 2)
    end
    return table.unpack(results, 2, results.n)
  end
end

netmcu.part, netmcu.parts = of_parts("init", "plug"), of_parts("init", "list")

local lazy = {}

for _, bus in ipairs {"i2c", "spi", "ow"} do
  lazy[bus] = function() return {attach = of_parts(bus, "attach")} end
end
for _, name in ipairs {"test", "expect", "finish", "skip", "done", "script", "connect_fails", "left"} do
  lazy[name] = function() return require "netmcu.desktop.test"[name] end
end
for _, name in ipairs {"adc", "gpio", "pcm", "rotary", "softuart", "wifi"} do
  lazy[name] = function() return require "netmcu.device.init".control(name) end
end

function lazy.somfy()
  return require "netmcu.device.catalogue".rows "somfy".control
end

return setmetatable(netmcu, {
  __index = function(self, name)
    local value = lazy[name] and lazy[name]()
    rawset(self, name, value)
    return value
  end,
  __pairs = function(self)
    for name, load_it in pairs(lazy) do
      rawset(self, name, load_it())
    end
    return next, self
  end,
})
