-- receive(sk, data): frames have at most 1460 bytes, or as many as the option says. Without a
-- handler, data is dropped.

local expect = require "expect"
local netmcu = require "netmcu"

local text = ("x"):rep(50000)
local function fetch(check)
  local server, total = net.createServer(), 0
  server:listen(0, "127.0.0.1", function(client)
    client:send(text)
    client:close()
    server:close()
  end)
  local sk = net.createConnection()
  sk:on("receive", function(_, data)
    assert(#data > 0)
    check(#data)
    total = total + #data
  end)
  sk:on("disconnection", expect(function() assert(total == #text) end))
  sk:connect(server:getaddr())
  expect.finish()
end

assert(netmcu.options().frame_size == 1460)
fetch(function(size) assert(size <= 1460) end)
netmcu.options {frame_size = 100}
fetch(function(size) assert(size <= 100) end)
netmcu.options {frame_size = 0}
local largest = 0
fetch(function(size) largest = math.max(largest, size) end)
assert(largest > 1460)

-- data is dropped until there is a handler
netmcu.options {frame_size = 1460}
local server, sk, peer = net.createServer(), net.createConnection(), nil
server:listen(0, "127.0.0.1", function(client)
  peer = client
  client:send "one"
end)
local received = netmcu.stats().bytes_received
sk:connect(server:getaddr(), "127.0.0.1")
assert(netmcu.wait(function() return netmcu.stats().bytes_received == received + 3 end))
sk:on("receive", expect(function(_, data) assert(data == "two", data) end))
peer:send "two"
peer:close()
server:close()
expect.finish()
