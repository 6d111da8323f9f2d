-- At each divergence, the desktop does the useful thing and prints a warning with the script's
-- line, once for each call site. Under strict it raises an error, with the device's text or else
-- that of the warning. --no-warnings prints nothing.
-- ctest: COST 10

local subrun = require "subrun"

local connected = [[
local server, sk = net.createServer(), net.createConnection()
local total, wanted = 0, 0
local function done(n) total = total + n if total == wanted then print "done" server:close() sk:close() end end
server:listen(0, "127.0.0.1", function(c) c:on("receive", function(_, data) done(#data) end) end)
local function try(fn) local ok, message = pcall(fn) if not ok then print(message) node.dsleep(0) end end
sk:connect(server:getaddr(), "127.0.0.1", function() try(function()
ACTION
end) end)
]]
local function line(n) return "netmcu: stdin:" .. n .. ": " end

-- id, the script, the first text on stderr, the output under strict (nil: the script ends with the
-- first text as its error)
local rows = {
  {"SEND_SIZE", connected:gsub("ACTION", [[
wanted = 9000
for _ = 1, 3 do sk:send(("x"):rep(3000)) end]]),
    line(8) .. 'send of 3000 bytes: the device\'s send buffer holds 2920 ("out of memory")\n', "stdin:8: out of memory\n"},
  {"SEND_BUFFERED", connected:gsub("ACTION", [[
wanted = 2920 + 3
sk:send(("x"):rep(2000)) sk:send(("x"):rep(920))
for _ = 1, 3 do sk:send("x") end]]),
    line(9) .. 'send while 2920 bytes are on their way: the device\'s send buffer holds 2920 ("out of memory")\n',
    "stdin:9: out of memory\n"},
  {"SEND_RESOLVING", [[
local server, sk = net.createServer(), net.createConnection()
server:listen(0, "127.0.0.1", function(c) c:on("receive", function() end) c:on("disconnection", function() server:close() end) end)
sk:on("connection", function() print "done" sk:close() end)
sk:connect(server:getaddr(), "localhost")
local ok, message = pcall(function()
  for _ = 1, 3 do sk:send "x" end
end)
if not ok then print(message) node.dsleep(0) end
]], line(6) .. 'send before the name is resolved: the device raises "not connected"\n', "stdin:6: not connected\n"},
  {"CLOSE_RECEIVE", [[
local server, left = net.createServer(), 2
server:listen(0, "127.0.0.1", function(c)
  c:on("receive", function(self)
    self:send "answer"
    local ok, message = pcall(function() self:close() end)
    if not ok then print(message) node.dsleep(0) end
  end)
end)
for _ = 1, left do
  local sk, got = net.createConnection(), ""
  sk:on("receive", function(_, data) got = got .. data end)
  sk:on("disconnection", function()
    left = left - (got == "answer" and 1 or 0)
    if left == 0 then print "done" server:close() end
  end)
  sk:connect(server:getaddr(), nil, function() sk:send "x" end)
end
]], line(5) .. "close after send in a receive handler: the device drops what was not yet acknowledged\n",
    "stdin:5: close after send in a receive handler: the device drops what was not yet acknowledged\n"},
  {"CLOSE_CLOSED", [[
local sk = net.createConnection()
local ok, message = pcall(function()
  for _ = 1, 3 do sk:close() end
end)
print(ok and "done" or message)
]], line(3) .. 'close of a socket that is not open: the device raises "not connected"\n', "stdin:3: not connected\n"},
  {"RECEIVE_DROPPED", [[
local server = net.createServer()
server:listen(0, "127.0.0.1", function(c) c:send "12345" c:close() server:close() end)
local sk = net.createConnection()
sk:on("disconnection", function() print "done" end)
sk:connect(server:getaddr())
]], "netmcu: 5 bytes received without a receive handler: dropped, here and on the device\n"},
  {"SERVER_TIMEOUT", [[
local ok, message = pcall(function()
  for _ = 1, 3 do net.createServer(28801) end
end)
print(ok and "done" or message)
]], line(2) .. "server time-out of 28801 s: the device takes 1 to 28800\n",
    "stdin:2: server time-out of 28801 s: the device takes 1 to 28800\n"},
  {"CONSTRUCTOR_UDP", [[
local ok, message = pcall(function()
  for _ = 1, 3 do net.createConnection(net.UDP, 0) end
end)
print(ok and "done" or message)
]], line(2) .. "net.UDP given to a TCP constructor: the device has net.createUDPSocket() for that\n",
    "stdin:2: net.UDP given to a TCP constructor: the device has net.createUDPSocket() for that\n"},
  {"CONSTRUCTOR_SECURE", [[
local ok, message = pcall(function()
  for _ = 1, 3 do net.createConnection(net.TCP, 1) end
end)
print(ok and "done" or message)
]], line(2) .. "net.createConnection with the flag for TLS: the device has tls.createConnection() for that\n",
    "stdin:2: net.createConnection with the flag for TLS: the device has tls.createConnection() for that\n"},
  {"CONNECTIONS", [[
local ok, message = pcall(function()
  for i = 1, 8 do local sk = net.createConnection() sk:connect(9, "192.0.2." .. i) end
end)
print(ok and "done" or message)
node.dsleep(0)
]], line(2) .. "TCP connection number 6: the device has 5\n", "stdin:2: out of memory\n"},
  {"DNS_QUERIES", [[
local silent = net.createUDPSocket()
silent:listen(0, "127.0.0.1")
require "netmcu".options {dns = "127.0.0.1:" .. silent:getaddr()}
local ok, message = pcall(function()
  for i = 1, 8 do net.dns.resolve("name" .. i .. ".test", print) end
end)
print(ok and "done" or message)
node.dsleep(0)
]], line(5) .. 'DNS query number 5 at once: the device has 4 ("out of memory")\n', "stdin:5: out of memory\n"},
  {"DATAGRAM_SIZE", [[
local a, b, got = net.createUDPSocket(), net.createUDPSocket(), 0
a:listen(0, "127.0.0.1")
a:on("receive", function(_, data) got = got + #data if got == 3 * 1473 then print "done" a:close() b:close() end end)
local ok, message = pcall(function()
  for _ = 1, 3 do b:send(a:getaddr(), "127.0.0.1", ("x"):rep(1473)) end
end)
if not ok then print(message) node.dsleep(0) end
]], line(5) .. "datagram of 1473 bytes: the device sends at most 1472\n", "stdin:5: buffer error\n"},
  {"UDP_CONNECT", [[
local udp = net.createUDPSocket()
local ok, message = pcall(function()
  for _ = 1, 3 do udp:connect(9, "127.0.0.1") end
end)
print(ok and "done" or message)
]], line(3) .. "connect of a UDP socket: the device has send(port, ip, data) for that\n",
    "stdin:3: connect of a UDP socket: the device has send(port, ip, data) for that\n"},
  {"UDP_REPLY", [[
local a, b = net.createUDPSocket(), net.createUDPSocket()
a:listen(0, "127.0.0.1")
a:on("receive", function(self, data)
  local ok, message = pcall(function()
    for _ = 1, 3 do self:send "answer" end
  end)
  if not ok then print(message) node.dsleep(0) end
end)
local got = 0
b:on("receive", function(_, data) got = got + 1 if got == 3 then print "done" a:close() b:close() end end)
b:send(a:getaddr(), "127.0.0.1", "x")
]], line(5) .. "UDP send without an address: the device needs send(port, ip, data)\n",
    "stdin:5: UDP send without an address: the device needs send(port, ip, data)\n"},
}

local seen = {}
for _, row in ipairs(rows) do
  local id, script, text, raised = table.unpack(row)
  seen[id] = true
  local status, output, errors = subrun(script, "--timeout 60")
  local first = errors:match "^[^\n]*\n" or ""
  assert(status == 0 and output == "done\n", id .. ": " .. output .. errors)
  assert(first == text, id .. ": " .. errors)
  if id == "SEND_SIZE" or id == "CONNECTIONS" then -- their numbers grow at the same call site
    assert(select(2, errors:gsub("\n", "")) <= 2, errors)
  else
    assert(errors == text, id .. ": " .. errors)
  end

  status, output, errors = subrun(script, "--no-warnings --timeout 60")
  assert(status == 0 and output == "done\n" and errors == "", id .. ": " .. output .. errors)

  status, output, errors = subrun(script, "--strict --timeout 60")
  if raised then
    assert(status == 0 and output == raised and errors == "", id .. ": " .. output .. errors)
  else
    assert(status == 1 and output == "" and errors:find(text:sub(1, -2), 1, true) == 1, id .. ": " .. errors)
  end
end

-- The script can set the same options itself.
local closed = "net.createConnection():close() print 'done'"
local status, output, errors = subrun("require 'netmcu'.options {warnings = false} " .. closed)
assert(status == 0 and output == "done\n" and errors == "", output .. errors)
status, output, errors = subrun("require 'netmcu'.options {strict = true} " .. closed)
assert(status == 1 and output == "" and errors:find "^netmcu: stdin:1: not connected\n", output .. errors)

-- two places print two warnings, one place prints one
_, _, errors = subrun [[
for _ = 1, 3 do
  net.createConnection():close()
  net.createConnection():close()
end
local function helper(sk) sk:close() end
helper(net.createConnection())
helper(net.createConnection())
]]
local place = "netmcu: stdin:%d: close of a socket that is not open: the device raises \"not connected\"\n"
assert(errors == place:format(2) .. place:format(3) .. place:format(5), errors)

-- Each row of the table has a test here, or in test_device_tls.sh.
local header = io.open((os.getenv "NETMCU_SOURCE" or "../..") .. "/include/netmcu_divergences.h")
if header then
  for id in header:read "a":gmatch "X%(([A-Z_]+), [A-Z]+, \"" do
    assert(seen[id] or id:find "^TLS_", "no test for " .. id)
  end
  header:close()
end
