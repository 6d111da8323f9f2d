-- In a stock Lua with `require "net"`, netmcu.run() runs the loop. The state may end in any
-- situation.
-- ctest: COST 10

local subrun = require "subrun"

local function check(script, output_expected, status_expected, errors_expected)
  local status, output, errors = subrun.lua(script)
  if status == nil then
    print "skipped: no stock Lua 5.4"
    os.exit(77, false)
  end
  assert(status == (status_expected or 0) and output == output_expected, script .. "\n" .. tostring(status) .. output .. errors)
  assert(errors_expected and errors:find(errors_expected) or errors == "", errors)
end

check([[
local net = require "net"
assert(_G.net == nil and print and not unpack) -- the globals stay as they were
local server = net.createServer()
server:listen(0, "127.0.0.1", function(c) c:send "hello" c:close() server:close() end)
local sk = net.createConnection()
sk:on("receive", function(_, data) print(data) end)
sk:connect(server:getaddr())
require "netmcu".run()
assert(require "netmcu".version:find "^%d+%.%d+%.%d+$")
]], "hello\n")

-- the modules are required in any order
for _, name in ipairs {"tmr", "netmcu", "net"} do
  check(('local m = require "%s" assert(require "tmr".create() and require "net".TCP and require "netmcu".run) print(type(m))')
    :format(name), "table\n")
end

-- data that was sent goes out if the state ends right afterwards
check([[
local net, netmcu = require "net", require "netmcu"
netmcu.options {warnings = false}
local server, total = net.createServer(), 0
server:listen(0, "127.0.0.1", function(c) c:hold() end)
for i = 1, 10 do
  net.createConnection():connect(server:getaddr(), "localhost")
end
net.createUDPSocket():send(9, "127.0.0.1", "x")
require "tmr".create():alarm(1000, 1, print)
net.dns.resolve("localhost", print)
net.createConnection():dns("127.0.0.1", print)
print "ended"
]], "ended\n")

-- an uncaught error ends the program like any Lua error
check([[
require "tmr".create():alarm(1, 0, function() error "boom" end)
require "netmcu".run()
]], "", 1, "stdin:1: boom")

-- a finalizer calls everything, before and after the end of the host
local calls = [[
local shout, print = print, function() end
local function call_all(net, tmr, netmcu, sk, server, udp, timer)
  local function try(fn, ...) pcall(fn, ...) end
  try(net.createConnection) try(net.createServer) try(net.createUDPSocket)
  try(net.createServer, 0) try(net.createConnection, net.UDP)
  try(net.dns.resolve, "localhost", print) try(net.dns.setdnsserver, "8.8.8.8") try(net.dns.getdnsserver)
  try(net.ping, "127.0.0.1", print) try(net.ifinfo, 0)
  try(net.multicastJoin, "", "239.1.2.3") try(net.multicastLeave, "", "239.1.2.3")
  for _, object in ipairs {sk, server, udp} do
    try(object.connect, object, 80) try(object.send, object, "x") try(object.send, object, 9, "127.0.0.1", "x")
    try(object.listen, object, 0, print) try(object.listen, object, 0) try(object.on, object, "receive", print)
    try(object.dns, object, "localhost", print) try(object.ttl, object) try(object.getaddr, object)
    try(object.getpeer, object) try(object.hold, object) try(object.unhold, object) try(tostring, object)
    try(object.close, object) try(object.__gc, object) try(object.close, object)
  end
  try(tmr.create) try(tmr.alarm, 0, 1, 0, print) try(tmr.now)
  for name in pairs(getmetatable(timer)) do
    if name ~= "__gc" then try(timer[name], timer, 1, 0, print) end
  end
  try(timer.__gc, timer) try(timer.start, timer) try(timer.stop, timer) try(timer.state, timer) try(tostring, timer)
  try(netmcu.run, 1) try(netmcu.run) try(netmcu.wait, print, 1) try(netmcu.stop) try(netmcu.walk)
  try(netmcu.options) try(netmcu.options, {strict = true, dns = "8.8.8.8"})
  local host = require "netmcu.host"
  for name, fn in pairs(host) do
    if type(fn) == "function" and name ~= "stdin" and name ~= "write" and name ~= "note" then
      try(fn) try(fn, print) try(fn, "x", "y")
    end
  end
end
]]
for _, first in ipairs {"before", "after"} do
  check(calls .. ([[
local net, tmr, netmcu, a, b, c, d
local function guard() return setmetatable({}, {__gc = function() call_all(net, tmr, netmcu, a, b, c, d) shout "called" end}) end
local order = "%s"
if order == "before" then keep = guard() end
net, tmr, netmcu = require "net", require "tmr", require "netmcu"
netmcu.options {warnings = false}
a, b, c, d = net.createConnection(), net.createServer(), net.createUDPSocket(), tmr.create()
b:listen(0, "127.0.0.1", function() end) c:listen(0) a:connect(b:getaddr(), "127.0.0.1") d:alarm(1, 1, function() end)
netmcu.run(20)
if order == "after" then keep = guard() end
]]):format(first), "called\n")
end

-- os.exit with and without closing the state, inside and outside of the loop
for _, exit in ipairs {"os.exit(3)", "os.exit(3, true)"} do
  check('local net = require "net" net.createServer():listen(0, print) ' .. exit, "", 3)
  check('local net, tmr = require "net", require "tmr" net.createServer():listen(0, print) tmr.create():alarm(1, 0, function() '
    .. exit .. ' end) require "netmcu".run()', "", 3)
end
