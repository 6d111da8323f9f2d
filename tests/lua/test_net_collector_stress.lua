-- Sockets work in every mode of the collector: generational, incremental at its most eager, and
-- with full collections in each callback. The handlers make garbage, and no reference to a socket
-- is kept.

local expect = require "expect"
local netmcu = require "netmcu"

local rounds = os.getenv "NETMCU_SANITIZE" ~= "" and os.getenv "NETMCU_SANITIZE" and 5 or 20

local function garbage()
  local t = {}
  for i = 1, 20 do
    t[i] = {tostring(i)}
  end
  return t
end

local function round(done)
  local server = net.createServer()
  local text = ("x"):rep(5000)
  server:listen(0, "127.0.0.1", function(client)
    garbage()
    local total = 0
    client:on("receive", function(self, data)
      garbage()
      total = total + #data
      if total == #text then
        self:send(text, function(again) garbage() again:close() end)
      end
    end)
    server:close()
    server = nil
  end)
  local port = server:getaddr()
  local got = 0
  local sk = net.createConnection()
  sk:on("connection", function(self) garbage() self:send(text) end)
  sk:on("receive", function(_, data) garbage() got = got + #data end)
  sk:on("dns", function() garbage() end)
  sk:on("disconnection", function(_, code)
    assert(code == 0 and got == #text)
    garbage()
    net.createUDPSocket():dns("localhost", function(u, ip)
      garbage()
      u:listen(0, ip)
      u:on("receive", function(self, data)
        assert(data == "x")
        garbage()
        self:close()
        tmr.create():alarm(1, tmr.ALARM_SINGLE, function() node.task.post(function() net.dns.resolve("127.1", done) end) end)
      end)
      local udp_port = u:getaddr()
      net.createUDPSocket():send(udp_port, ip, "x", function(self) garbage() self:close() end)
    end)
  end)
  sk:connect(port, "localhost")
end

local function run_rounds()
  local finished = 0
  for _ = 1, rounds do
    round(function() finished = finished + 1 end)
    netmcu.run(2)
  end
  assert(netmcu.wait(function() return finished == rounds end, 60000), finished)
  netmcu.run(5000)
  assert(#netmcu.walk() == 0, table.concat(netmcu.walk(), ", "))
end

collectgarbage "generational"
run_rounds()
collectgarbage("generational", 1, 1)
run_rounds()
collectgarbage("incremental", 1, 10000, 1)
collectgarbage("setpause", 0)
run_rounds()
collectgarbage("incremental", 1000, 100, 10)
run_rounds()

-- a full collection at calls and returns of functions
collectgarbage "incremental"
local n = 0
local function hook()
  n = n + 1
  if n % 7 == 0 then
    collectgarbage()
  end
end
debug.sethook(hook, "cr")
rounds = 2
run_rounds()
debug.sethook()

-- in the end, nothing is kept
local function used()
  for _ = 1, 3 do
    collectgarbage()
  end
  return collectgarbage "count"
end
rounds = 20
run_rounds()
local before = used()
for _ = 1, 3 do
  run_rounds()
end
assert(used() < before + 8, used() - before .. " KiB more than before")
