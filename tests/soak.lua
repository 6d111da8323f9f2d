-- The script of tests/soak. It holds conversations of all kinds for 15 seconds, 40 at a time, with
-- errors, resets, stalls and timeouts. Then it closes everything, checks what is left, and restarts
-- in the same process.

local netmcu = require "netmcu"

local PARALLEL, ROUND = 40, 15000
local failing = false -- set when all is in order: some rounds end with an uncaught error

netmcu.options {connect_timeout = 300, linger_timeout = 500}

local servers, counts, open, ending = {}, {}, 0, false

local function serve(idle, accept)
  local server = net.createServer(net.TCP, idle)
  server:listen(0, "127.0.0.1", accept)
  servers[#servers + 1] = server
  return (server:getaddr())
end

local function echo(client)
  client:on("receive", function(self, data) self:send(data) end)
end

local echo_port = serve(30, echo)
local reset_port, stall_port, deaf_port, refusing_port = serve(30, echo), serve(1, echo), serve(30, echo), serve(30, echo)
local idle_port = serve(1, function() end)
local large = ("0123456789abcdef"):rep(12500)
local giving_port = serve(30, function(client)
  client:send(large)
  client:close()
end)

netmcu.fault {kind = "reset", port = reset_port, after = 3000}
netmcu.fault {kind = "stall", port = stall_port, after = 2000}
netmcu.fault {kind = "stall", port = deaf_port}
netmcu.fault {kind = "refuse", port = refusing_port}
netmcu.fault {kind = "delay", port = echo_port, ms = 20, probability = 0.2}
netmcu.fault {kind = "cut", port = giving_port, size = 700, probability = 0.5}
netmcu.fault {kind = "dns", peer = "*.absent.test"}

local udp = net.createUDPSocket()
udp:listen(0, "127.0.0.1")
udp:on("receive", function(self, data, port, ip) self:send(port, ip, data) end)
local udp_port = udp:getaddr()

-- talk(port, data, expected, done) sends data, receives as much, and closes. `expected` is the code
-- of an expected error.
local function talk(port, data, expected, done)
  local sk, heard = net.createConnection(net.TCP), 0
  sk:on("connection", function(self) if data then self:send(data) end end)
  sk:on("receive", function(self, part)
    heard = heard + #part
    if data and not expected and heard == #data then
      self:close()
      done()
    end
  end)
  sk:on("disconnection", function(_, code)
    assert(code == expected, ("code %s instead of %s"):format(code, expected))
    assert(port ~= giving_port or heard == #large, "data is missing")
    done()
  end)
  sk:connect(port, "127.0.0.1")
end

local kinds = {
  echo = function(done) talk(echo_port, ("x"):rep(math.random(20000)), nil, done) end,
  reset = function(done) talk(reset_port, ("x"):rep(6000), -9, done) end,
  idle = function(done) talk(idle_port, "x", 0, done) end,
  deaf = function(done) talk(deaf_port, "x", -8, done) end,
  refused = function(done) talk(refusing_port, "x", -9, done) end,
  given = function(done) talk(giving_port, nil, 0, done) end,
  stalled = function(done)
    local sk = net.createConnection(net.TCP)
    sk:on("connection", function(self) self:send(("x"):rep(9000)) end)
    sk:connect(stall_port, "127.0.0.1")
    tmr.create():alarm(math.random(200), tmr.ALARM_SINGLE, function()
      pcall(sk.close, sk)
      done()
    end)
  end,
  collected = function(done)
    net.createConnection(net.TCP)
    local sk = net.createUDPSocket()
    sk:send(udp_port, "127.0.0.1", "nobody waits for the echo")
    sk:close()
    done()
  end,
  unknown = function(done)
    net.dns.resolve(math.random(1000) .. ".absent.test", function(_, ip)
      assert(ip == nil)
      done()
    end)
  end,
  datagram = function(done)
    local sk = net.createUDPSocket()
    local timer = tmr.create() -- a datagram may be lost
    local function over()
      timer:unregister()
      sk:close()
      done()
    end
    timer:alarm(1000, tmr.ALARM_SINGLE, over)
    sk:on("receive", over)
    sk:send(udp_port, "127.0.0.1", ("x"):rep(math.random(1400)))
  end,
  error = function(done)
    assert(not pcall(net.createConnection(net.TCP).send, net.createUDPSocket(), "x"))
    assert(not pcall(net.createServer(net.TCP).listen, 1))
    done()
  end,
}

local names = {}
local slow = {idle = true, deaf = true, stalled = true}
for name in pairs(kinds) do
  for _ = 1, slow[name] and 1 or 10 do
    names[#names + 1] = name
  end
end

local function finish()
  for _, server in ipairs(servers) do
    server:close()
  end
  udp:close()
  netmcu.fault()
  -- Waits until closed output is delivered and stalled clients have ended, so that the loop is at
  -- rest.
  local turns = 0
  tmr.create():alarm(100, tmr.ALARM_AUTO, function(timer)
    local s = netmcu.stats()
    turns = turns + 1
    local left = s.connections + s.closing + s.servers + s.udp_sockets + s.lookups + s.timers - 1
    if left > 0 and turns < 100 then
      return
    end
    timer:unregister()
    assert(left == 0, left .. " left open: " .. table.concat(netmcu.walk(), ", ", 1, math.min(5, #netmcu.walk())))
    collectgarbage()
    collectgarbage()
    local line = {}
    for name, count in pairs(counts) do
      line[#line + 1] = name .. " " .. count
    end
    table.sort(line)
    print(("round: %s; memory %d kB, Lua %d kB"):format(table.concat(line, ", "), netmcu.stats().memory // 1024,
                                                        collectgarbage "count" // 1))
    tmr.create():alarm(500, tmr.ALARM_SINGLE, function() -- stays at rest, so that tests/soak can count files
      failing = math.random(2) == 1
      if failing then
        error "an end by an error"
      end
      node.restart()
    end)
  end)
end

local function begin()
  local name, called = names[math.random(#names)], false
  open = open + 1
  counts[name] = (counts[name] or 0) + 1
  kinds[name](function()
    assert(not called, name .. " ended twice")
    called = true
    open = open - 1
    if not ending then
      node.task.post(begin)
    elseif open == 0 then
      finish()
    end
  end)
end

node.setonerror(function(text)
  if failing then
    node.restart()
  else
    print("FAILED: " .. text)
  end
end)

for _ = 1, PARALLEL do
  begin()
end
tmr.create():alarm(ROUND, tmr.ALARM_SINGLE, function() ending = true end)
