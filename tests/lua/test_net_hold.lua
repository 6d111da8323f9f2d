-- hold() takes effect at the next frame boundary: data that was read but not delivered waits for
-- unhold(), as does the FIN behind it. The peer is throttled. unhold() delivers nothing before it
-- has returned.

local expect = require "expect"
local netmcu = require "netmcu"

-- one frame at a time
local text = ("0123456789"):rep(2000)
local server = net.createServer()
server:listen(0, "127.0.0.1", function(client)
  client:send(text)
  client:close()
  server:close()
end)
local parts, held, ended = {}, false, false
local sk = net.createConnection()
sk:on("receive", function(self, data)
  assert(not held, "a frame while it is held")
  parts[#parts + 1] = data
  held = true
  expect.nothing(self:hold())
  self:hold()
  expect.later(function()
    assert(not ended)
    local before = #parts
    held = false
    expect.nothing(self:unhold())
    self:unhold()
    assert(#parts == before and not ended)
  end)
end)
sk:on("disconnection", expect(function(_, code)
  assert(code == 0 and not held and table.concat(parts) == text)
  ended = true
end))
sk:connect(server:getaddr())
expect.finish()

-- hold and unhold before the socket is open
for _, host in ipairs {"127.0.0.1", "localhost"} do
  for _, held_until in ipairs {"now", "dns", "connection", "later"} do
    local again, waiting, got = net.createServer(), net.createConnection(), nil
    again:listen(0, "127.0.0.1", function(client)
      client:send "hello"
      client:close()
      again:close()
      if held_until == "later" then
        expect.later(function()
          assert(got == nil)
          waiting:unhold()
        end)
      end
    end)
    waiting:on("receive", expect(function(_, data) got = data end))
    waiting:on("disconnection", expect(function() assert(got == "hello") end))
    waiting:connect(again:getaddr(), host)
    waiting:hold()
    if held_until == "now" then
      waiting:unhold()
    elseif held_until ~= "later" then
      waiting:on(held_until, function(self) self:unhold() end)
    end
    expect.finish()
  end
end

-- hold and unhold in the accept callback
local greeted = net.createServer()
greeted:listen(0, "127.0.0.1", function(client)
  client:hold()
  client:unhold()
  client:on("receive", expect(function(self, data)
    assert(data == "x")
    self:close()
    greeted:close()
  end))
end)
local caller = net.createConnection()
caller:connect(greeted:getaddr(), nil, function() caller:send "x" end)
expect.finish()

-- the peer is throttled
local throttling, pressed, sends = net.createServer(), nil, 0
throttling:listen(0, "127.0.0.1", function(client)
  pressed = client
  client:hold()
end)
local block = ("y"):rep(256 * 1024)
local source = net.createConnection()
source:on("sent", function(self)
  sends = sends + 1
  if sends < 200 then
    self:send(block)
  else
    self:close()
  end
end)
source:connect(throttling:getaddr(), nil, function() source:send(block) end)
local before
assert(netmcu.wait(function() -- only time can show that the source sends no more
  local still = before == sends and pressed
  before = sends
  netmcu.run(100)
  return still
end))
assert(sends < 100, sends)
local total = 0
pressed:on("receive", function(_, data) total = total + #data end)
pressed:on("disconnection", expect(function()
  assert(total == 200 * #block)
  throttling:close()
end))
pressed:unhold()
expect.finish()

-- a socket that is closed while it is held
local closing = net.createServer()
closing:listen(0, "127.0.0.1", function(client)
  client:send(text)
  client:on("disconnection", expect(function() closing:close() end))
end)
local closer = net.createConnection()
closer:on("receive", expect(function(self)
  self:hold()
  expect.later(function()
    self:close()
    self:unhold()
    self:hold()
  end)
end))
closer:on("disconnection", expect.never())
closer:connect(closing:getaddr())
expect.finish()
