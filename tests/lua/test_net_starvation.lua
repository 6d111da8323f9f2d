-- A handler that posts tasks or timers of 0 ms again and again does not starve the network. Neither
-- do sends in "sent".

local expect = require "expect"

local going = true
local function chain()
  if going then
    node.task.post(chain)
  end
end
local function high()
  if going then
    node.task.post(node.task.HIGH_PRIORITY, high)
  end
end
node.task.post(chain)
node.task.post(high)
local function again()
  if going then
    tmr.create():alarm(1, tmr.ALARM_SINGLE, again)
  end
end
again()

-- two sockets that send to each other and to themselves without end
local udp = net.createUDPSocket()
udp:listen(0, "127.0.0.1")
udp:on("sent", function(self)
  if going then
    self:send(self:getaddr(), "127.0.0.1", "x")
  else
    self:on("sent", nil)
    self:close()
  end
end)
udp:send(udp:getaddr(), "127.0.0.1", "x")

local pump = net.createServer()
pump:listen(0, "127.0.0.1", function(client)
  local function more(self)
    if going then
      self:send "x"
    else
      self:close()
    end
  end
  client:on("sent", more)
  client:on("receive", function() end)
  client:send "x"
end)
local drain = net.createConnection()
drain:on("receive", function() end)
drain:on("disconnection", expect(function() pump:close() end))
drain:connect(pump:getaddr())

local server = net.createServer()
server:listen(0, "127.0.0.1", function(client)
  client:on("receive", function(self, data) self:send(data) end)
  client:on("disconnection", function() server:close() end)
end)
local sk, rounds = net.createConnection(), 0
sk:on("receive", expect(function(self)
  rounds = rounds + 1
  if rounds < 50 then
    self:send "ping"
  else
    going = false
    self:close()
  end
end, 50))
sk:connect(server:getaddr(), nil, function(self) self:send "ping" end)

expect.finish()
