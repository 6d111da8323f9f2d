-- Under strict, a server with five open TCP connections accepts a further one only after one of
-- them has ended.

local expect = require "expect"
local netmcu = require "netmcu"
local subrun = require "subrun"

-- Six clients in another process: each sends a greeting, and receives it back. A datagram reports
-- that all are connected.
local clients = [[
local port, witness = %d, %d
local connected, heard = 0, 0
for i = 1, 6 do
  local sk = net.createConnection()
  sk:on("receive", function(self, data)
    heard = heard + 1
    if heard == 5 then
      uart.on("data", "\n", function() self:close() uart.on "data" end, 0) -- one of the five ends
    elseif heard == 6 then
      os.exit(0)
    end
  end)
  sk:connect(port, "127.0.0.1", function()
    sk:send "hello"
    connected = connected + 1
    if connected == 6 then
      net.createUDPSocket():send(witness, "127.0.0.1", "all")
    end
  end)
end
]]
netmcu.options {strict = true}
local server, witness = net.createServer(), net.createUDPSocket()
local accepted, is_full, may_accept, process = 0, false, false, nil

-- The sixth client waits at the listener. It is not accepted before a later event, a datagram that
-- the test sends to itself.
local function look_later()
  if accepted == 5 and is_full then
    local port, ip = witness:getaddr()
    witness:send(port, ip, "later")
  end
end

local function check_limit()
  assert(accepted == 5)
  local sk = net.createConnection()
  expect.raises("out of memory", sk.connect, sk, 80, "127.0.0.1")
  expect.raises("out of memory", sk.connect, sk, 80, "a.test")
  expect.raises("illegal argument", sk.connect, sk, 80, "")
  expect.raises("illegal argument", sk.connect, sk, 80, "no good name")
  may_accept = true
  process:write "\n"
  process:flush()
end

witness:listen(0, "127.0.0.1")
witness:on("receive", expect(function(self, data)
  if data == "all" then
    is_full = true
    look_later()
  else
    check_limit()
    self:close()
  end
end, 2))
server:listen(0, "127.0.0.1", expect(function(client)
  accepted = accepted + 1
  assert(accepted <= 5 or may_accept)
  client:on("receive", function(self, data) self:send(data) end)
  client:on("disconnection", function() end)
  look_later()
  if accepted == 6 then
    server:close()
  end
end, 6))
local script = os.tmpname()
local file = io.open(script, "w")
file:write((clients:format((server:getaddr()), (witness:getaddr()))))
file:close()
process = subrun.popen(('"%s" --no-warnings --timeout 60 %s'):format(subrun.command(), script), "w")

expect.finish()
process:close()
os.remove(script)
