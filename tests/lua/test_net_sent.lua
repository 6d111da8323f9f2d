-- sent(sk) comes once for each send, in order, and never inside send(). The "sent" of data that the
-- peer has taken comes before "disconnection". The handler is the one that is set at that time.

local expect = require "expect"

local server = net.createServer()
server:listen(0, "127.0.0.1", function(client)
  client:on("receive", function(self) self:close() end) -- after the first bytes
end)
local port = server:getaddr()

local sk, events, inside = net.createConnection(), {}, false
local function note(name)
  return function(self)
    assert(self == sk and not inside)
    events[#events + 1] = name
  end
end
sk:on("sent", expect(note "sent", 3))
sk:on("disconnection", expect(function(_, code)
  assert(code == 0 and table.concat(events, " ") == "sent sent sent", table.concat(events, " "))
  server:close()
end))
sk:connect(port, "127.0.0.1", expect(function()
  inside = true
  sk:send "a"
  sk:send "b"
  sk:send "c"
  inside = false
end))
expect.finish()

-- a chain, in which each "sent" sends again, as the documentation shows
local chain, got = net.createServer(), {}
chain:listen(0, "127.0.0.1", function(client)
  client:send("header", expect(function()
    client:send("data1", expect(function()
      client:send("data2", expect(function(c) c:close() end))
    end))
  end))
end)
local reader = net.createConnection()
reader:on("receive", function(_, data) got[#got + 1] = data end)
reader:on("disconnection", expect(function()
  assert(table.concat(got) == "headerdata1data2")
  chain:close()
end))
reader:connect(chain:getaddr())
expect.finish()

-- the handler that is set at that time is called, if there is one
local last, changing, first_ran = net.createServer(), net.createConnection(), false
last:listen(0, "127.0.0.1", function(client)
  local received = ""
  client:on("receive", function(_, data)
    received = received .. data
    if received == "abc" then
      expect.later(function() changing:close() end)
    end
  end)
  client:on("disconnection", expect(function() last:close() end))
end)
changing:connect(last:getaddr(), "127.0.0.1", function()
  changing:send("a", expect.never "the handler that was replaced at once")
  changing:send("b", function() first_ran = true end)
  changing:on("sent", expect(function(self)
    self:on("sent", nil)
    self:send "c"
  end))
end)
expect.finish()
assert(not first_ran)
