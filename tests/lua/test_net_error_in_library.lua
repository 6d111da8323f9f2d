-- In a library host, netmcu.run() raises the error of any handler. The other objects stay
-- consistent, and the loop can be run again. The same holds in a stock Lua.

local expect = require "expect"
local subrun = require "subrun"

local script = [[
local net, tmr, netmcu = require "net", require "tmr", require "netmcu"
netmcu.options {warnings = false}

local kinds = {"accept", "accepted", "dns", "connection", "receive", "sent", "peer receive", "peer disconnection",
  "disconnection", "refused", "answer", "udp answer", "resolve", "udp receive", "udp sent", "timer"}

local function scenario(kind)
  local failed, calls = false, 0
  local function at(name, fn)
    return function(...)
      calls = calls + 1
      fn(...)
      if name == kind and not failed then
        failed = true
        error("in " .. name)
      end
    end
  end
  local function nothing() end
  local finished = 0
  local server, udp = net.createServer(), net.createUDPSocket()
  server:listen(0, "127.0.0.1", at("accept", function(client)
    client:on("connection", at("accepted", nothing))
    client:on("receive", at("peer receive", function(self, data)
      self:send(data)
    end))
    client:on("disconnection", at("peer disconnection", function()
      server:close()
      finished = finished + 1
    end))
  end))
  local port, sk = server:getaddr(), net.createConnection()
  local text, got = ("x"):rep(10000), 0
  sk:on("dns", at("dns", nothing))
  sk:on("connection", at("connection", function() sk:send(text) sk:send "y" end))
  sk:on("sent", at("sent", nothing))
  sk:on("receive", at("receive", function(_, data)
    got = got + #data
    if got == #text + 1 then
      sk:close()
    end
  end))
  sk:dns("localhost")
  sk:connect(port, "127.0.0.1")
  local refused = net.createConnection()
  refused:on("disconnection", at("refused", function() finished = finished + 1 end))
  refused:connect(1)
  local leaver = net.createServer()
  leaver:listen(0, "127.0.0.1", function(client) client:close() leaver:close() end)
  local left = net.createConnection()
  left:on("disconnection", at("disconnection", function() finished = finished + 1 end))
  left:connect(leaver:getaddr())
  net.createConnection():dns("localhost", at("answer", nothing))
  net.createUDPSocket():dns("127.0.0.1", at("udp answer", nothing))
  net.dns.resolve("localhost", at("resolve", nothing))
  udp:listen(0, "127.0.0.1")
  udp:on("sent", at("udp sent", nothing))
  udp:on("receive", at("udp receive", function(self) self:close() finished = finished + 1 end))
  udp:send(udp:getaddr(), "127.0.0.1", "z")
  tmr.create():alarm(3, tmr.ALARM_SINGLE, at("timer", nothing))

  local errors = 0
  repeat
    local done, message = pcall(netmcu.run, 10000)
    if not done then
      errors = errors + 1
      assert(message:find("in " .. kind, 1, true) and message:find "stack traceback", message)
    end
  until done
  assert(errors == 1, kind .. ": " .. errors .. " errors")
  assert(finished == 4, kind .. ": " .. finished)
  assert(#netmcu.walk() == 0, kind .. ": " .. table.concat(netmcu.walk(), ", "))
end

for _, kind in ipairs(kinds) do
  scenario(kind)
end

-- several errors in one turn: run() raises the first, and drops the others
for i = 1, 3 do
  tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error("timer " .. i, 0) end)
end
tmr.delay(5000)
local messages = {}
repeat
  local done, message = pcall(netmcu.run)
  messages[#messages + 1] = not done and message:match "^[^\n]*" or nil
until done
assert(messages[1] == "timer 1", messages[1])

-- wait() and a run() in a coroutine raise errors too
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error("waiting", 0) end)
local done, message = pcall(netmcu.wait, function() return false end, 5000)
assert(not done and message:find "^waiting", message)
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() error("wrapped", 0) end)
done, message = pcall(coroutine.wrap(function() netmcu.run() end))
assert(not done and message:find "^wrapped", message)
done, message = pcall(netmcu.wait, function() error("predicate", 0) end)
assert(not done and message == "predicate")
assert(netmcu.wait(function() return false end, 1) == false)
assert(netmcu.wait(function() return "value" end) == "value")

-- run() inside a run is refused
tmr.create():alarm(1, tmr.ALARM_SINGLE, function()
  assert(not pcall(netmcu.run) and not pcall(netmcu.wait, function() return true end))
  open = net.createUDPSocket()
  open:listen(0)
  netmcu.stop()
end)
netmcu.run()
assert(#netmcu.walk() == 1)
open:close()
print "passed"
]]

local status, output, errors = subrun(script, "--timeout 60")
assert(status == 0 and output == "passed\n", output .. errors)

status, output, errors = subrun.lua(script)
if status == nil then
  print "no stock Lua 5.4: half of this test is skipped"
else
  assert(status == 0 and output == "passed\n" and errors == "", output .. errors)
end
