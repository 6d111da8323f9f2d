-- What a desktop has and a device has not: run the loop, stop it, wait in a test, set options, look at what is open.
--
--   local netmcu = require "netmcu"
--   netmcu.run([ms])              until nothing is left to happen (or ms have passed); raises what a callback raised
--   netmcu.stop()                 ends run()
--   netmcu.wait(predicate [, ms]) runs the loop until predicate() is true and returns that; false after ms (10000)
--   netmcu.options([table])       strict, warnings, frame_size, connect_timeout, linger_timeout, dns; returns them all
--   netmcu.walk()                 a list of what is open, a line each
--   netmcu.version
--   netmcu.install([folder])      in a stock Lua: the device's other globals (node, file, gpio …), as the runner has them;
--                                 the folder (default: the current one) stands for the flash
--
-- Where the network really is, as the runner's options of these names say (docs/prototyping.md):
--   netmcu.map_port("80=8080"), netmcu.mapped_port(80 [, "udp"]), netmcu.resolve("HOST=IP"), netmcu.bind(ip),
--   netmcu.dns(ip [, ip]), netmcu.trace(mode [, data]), netmcu.stats(), netmcu.fault{…}
--
-- For tests (docs/testing.md):
--   netmcu.test(name, fn), netmcu.expect(fn [, n]), netmcu.finish([ms]), netmcu.skip(reason), netmcu.done(),
--   netmcu.script(file, ...), netmcu.connect_fails(host [, port]), netmcu.left()
--   netmcu.gpio.set(pin, level), netmcu.gpio.on(pin, fn), netmcu.adc.set(value)
require "net"
local host = require "netmcu.host"

local netmcu = {version = host.version}

for _, name in ipairs {
  "run", "stop", "wait", "options", "walk", "map_port", "mapped_port", "resolve", "bind", "trace", "stats", "fault",
} do
  netmcu[name] = host[name]
end

local servers = {}

-- Each call adds a server, as --dns does; a second one takes the second place, and stays there.
function netmcu.dns(first, second)
  servers = second and {first, second} or {servers[1] or first, servers[1] and first}
  host.options {dns = servers}
end

function netmcu.install(root)
  host.root = root or host.root
  net, tmr = require "net", require "tmr"
  require "netmcu.board.init".install()
end

local lazy = {}

for _, name in ipairs {"test", "expect", "finish", "skip", "done", "script", "connect_fails", "left"} do
  lazy[name] = function() return require "netmcu.test"[name] end
end
for _, name in ipairs {"gpio", "adc"} do
  lazy[name] = function() return require "netmcu.board.init".control(name) end
end

return setmetatable(netmcu, {
  __index = function(self, name)
    local value = lazy[name] and lazy[name]()
    rawset(self, name, value)
    return value
  end,
})
