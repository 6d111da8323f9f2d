-- Every form of createConnection(...), createServer([type,] [timeout]) and createUDPSocket().
-- net.TCP and net.UDP are integers outside 1…28800. A time-out outside is clamped, and net.UDP
-- gives a UDP socket, as in older firmware.

local expect = require "expect"
local netmcu = require "netmcu"
local subrun = require "subrun"

for _, name in ipairs {"TCP", "UDP"} do
  assert(math.type(net[name]) == "integer" and (net[name] < 1 or net[name] > 28800))
end
assert(net.TCP ~= net.UDP)

local function is(kind, object, ...)
  assert(type(object) == "userdata" and select("#", ...) == 0)
  assert(tostring(object) == kind .. " (closed)", tostring(object))
end
is("net.socket", net.createConnection())
is("net.socket", net.createConnection(net.TCP))
is("net.socket", net.createConnection(net.TCP, 0))
is("net.socket", net.createConnection(net.TCP, 1))
is("net.socket", net.createConnection(net.TCP, false))
is("net.socket", net.createConnection(nil, 0))
is("net.socket", net.createConnection(0))
is("net.udpsocket", net.createConnection(net.UDP))
is("net.udpsocket", net.createConnection(net.UDP, 0))
is("net.server", net.createServer())
is("net.server", net.createServer(nil))
is("net.server", net.createServer(30))
is("net.server", net.createServer "30")
is("net.server", net.createServer(1))
is("net.server", net.createServer(28800))
is("net.server", net.createServer(net.TCP))
is("net.server", net.createServer(net.TCP, 30))
is("net.server", net.createServer(net.TCP, nil))
is("net.server", net.createServer(net.TCP, 28800))
is("net.server", net.createServer(nil, 30))
is("net.udpsocket", net.createServer(net.UDP))
is("net.udpsocket", net.createServer(net.UDP, 30))
is("net.udpsocket", net.createUDPSocket())
is("net.udpsocket", net.createUDPSocket(1, 2))

-- other values in place of the type are refused: a function, for instance, would never be called
for _, wrong in ipairs {"TCP", {}, print, true} do
  for _, create in ipairs {net.createConnection, net.createServer} do
    local ok, problem = pcall(create, wrong)
    assert(not ok and problem:find("bad argument #1", 1, true), problem)
  end
end
assert(not pcall(net.createServer, net.TCP, "TCP"))

-- a time-out at a limit is no divergence
netmcu.options {strict = true}
is("net.server", net.createServer(1))
is("net.server", net.createServer(28800))
netmcu.options {strict = false}

local script = [[
net.createServer(0)
net.createServer(net.TCP, 28801)
net.createServer(-1)
net.createServer(net.TCP, 0)
net.createConnection(net.UDP, 0)
net.createServer(net.UDP)
net.createServer(28799)
]]
local expected = [[
netmcu: stdin:1: server time-out of 0 s: the device takes 1 to 28800
netmcu: stdin:2: server time-out of 28801 s: the device takes 1 to 28800
netmcu: stdin:3: server time-out of -1 s: the device takes 1 to 28800
netmcu: stdin:4: server time-out of 0 s: the device takes 1 to 28800
netmcu: stdin:5: net.UDP given to a TCP constructor: the device has net.createUDPSocket() for that
netmcu: stdin:6: net.UDP given to a TCP constructor: the device has net.createUDPSocket() for that
]]
local status, output, errors = subrun(script)
assert(status == 0 and output == "" and errors == expected, errors)

for line in script:gmatch "[^\n]+" do
  status, output, errors = subrun(line, "--strict")
  if line:find "28799" then
    assert(status == 0 and errors == "")
  else
    assert(status == 1 and errors:find "^netmcu: stdin:1: [^\n]*: the device [^\n]*\nstack traceback:", errors)
  end
end

-- clamped to 1 s

local server = net.createServer(0)
server:listen(0, "127.0.0.1", function(client)
  client:on("disconnection", expect(function(_, code)
    assert(code == -8)
    server:close()
  end))
end)
local sk = net.createConnection()
sk:on("disconnection", expect(function() end))
sk:connect(server:getaddr())
expect.finish()
