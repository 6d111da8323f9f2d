-- receive(sk, data): frames of at most 1460 bytes, configurable. Without a handler data is dropped.

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

-- dropped until there is a handler
netmcu.options {frame_size = 1460}
local server, peer = net.createServer(), nil
server:listen(0, "127.0.0.1", function(client)
  peer = client
  client:on("sent", expect(function(self)
    self:on("sent", nil)
    tmr.create():alarm(50, tmr.ALARM_SINGLE, function() -- "one" was read and dropped by then
      self:send "two"
      self:close()
      server:close()
    end)
  end))
  client:send "one"
end)
local sk = net.createConnection()
sk:connect(server:getaddr(), "127.0.0.1", function()
  tmr.create():alarm(25, tmr.ALARM_SINGLE, function()
    sk:on("receive", expect(function(_, data) assert(data == "two", data) end))
  end)
end)
expect.finish()
