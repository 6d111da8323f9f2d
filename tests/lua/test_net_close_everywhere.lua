-- A script may close everything inside every kind of callback.

local expect = require "expect"
local netmcu = require "netmcu"

local function build(act)
  local server, sk, client, udp = net.createServer(), net.createConnection(), nil, net.createUDPSocket()
  local timer, done, after = tmr.create(), false, {}
  local function close_all()
    done = true
    for _, object in ipairs {sk, server, udp, client} do
      act(object)
    end
    if client then
      act(client)
    end
    timer:unregister()
  end
  local function at(name)
    return function(...)
      if done and name ~= "dns answer" then
        after[#after + 1] = name
      end
      return ...
    end
  end
  return {server = server, sk = sk, udp = udp, timer = timer, close_all = close_all, at = at,
    set_client = function(c) client = c end, is_done = function() return done end, after = after}
end

local kinds = {"accept", "client connection", "connect dns", "connection", "receive", "sent", "client receive",
  "client sent", "disconnection", "refused", "answer", "udp answer", "udp receive", "udp sent", "timer", "resolve", "task"}

local function scenario(kind, act)
  local s = build(act)
  local function on(object, event, name)
    object:on(event, function(self, data)
      s.at(name)()
      if name == kind then
        s.close_all()
      elseif name == "receive" then
        self:send "back"
      end
    end)
  end
  s.server:listen(0, "127.0.0.1", function(client)
    s.at "accept"()
    s.set_client(client)
    if kind == "accept" then
      return s.close_all()
    end
    on(client, "connection", "client connection")
    on(client, "receive", "client receive")
    on(client, "sent", "client sent")
    client:send(("x"):rep(5000))
    client:send "y"
    if kind == "disconnection" then
      client:close()
    end
  end)
  local port = kind == "refused" and 1 or s.server:getaddr()
  on(s.sk, "dns", "connect dns")
  on(s.sk, "connection", "connection")
  on(s.sk, "receive", "receive")
  on(s.sk, "sent", "sent")
  on(s.sk, "disconnection", kind == "refused" and kind or "disconnection")
  s.sk:connect(port, "127.0.0.1")
  if kind == "answer" then
    s.sk:dns("localhost", s.close_all)
  end
  s.udp:listen(0, "127.0.0.1")
  on(s.udp, "receive", "udp receive")
  on(s.udp, "sent", "udp sent")
  for _ = 1, 3 do
    s.udp:send(s.udp:getaddr(), "127.0.0.1", "z")
  end
  if kind == "udp answer" then
    s.udp:dns("127.0.0.1", s.close_all)
  elseif kind == "resolve" then
    net.dns.resolve("localhost", s.close_all)
  elseif kind == "task" then
    node.task.post(s.close_all)
  elseif kind == "timer" then
    s.timer:alarm(1, tmr.ALARM_AUTO, s.close_all)
  end
  assert(netmcu.wait(s.is_done), kind)
  netmcu.run(5000)
  local open = netmcu.walk()
  assert(#open == 0, kind .. ": " .. table.concat(open, ", "))
  assert(#s.after == 0, kind .. ": after the end: " .. table.concat(s.after, ", "))
end

for _, kind in ipairs(kinds) do
  scenario(kind, function(object) object:close() end)
  scenario(kind, function(object) object:__gc() end)
  scenario(kind, function(object)
    object:close()
    collectgarbage()
    object:__gc()
  end)
  collectgarbage()
end
