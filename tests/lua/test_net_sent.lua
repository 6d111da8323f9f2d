-- sent(sk): once per send, in order, never inside send; the "sent" of what the peer has taken comes before the
-- disconnection. The handler called is the one set by then.

local expect = require "expect"

local server = net.createServer()
server:listen(0, "127.0.0.1", function(client)
  client:on("receive", function(self) self:close() end) -- takes all, and ends at the first bytes
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

-- a chain of sends, each through the "sent" of the one before, as the documentation shows
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

-- the handler set by then is called; without one nobody is
local last, first_ran = net.createServer(), false
last:listen(0, "127.0.0.1", function(client)
  client:on("disconnection", expect(function() last:close() end))
end)
local changing = net.createConnection()
changing:connect(last:getaddr(), "127.0.0.1", function()
  changing:send("a", expect.never "the handler that was replaced at once")
  changing:send("b", function() first_ran = true end)
  changing:on("sent", expect(function(self)
    self:on("sent", nil)
    self:send "c"
    tmr.create():alarm(20, tmr.ALARM_SINGLE, function() self:close() end)
  end))
end)
expect.finish()
assert(not first_ran)
