-- netmcu.host.fault makes the network fail, and netmcu.host.stats counts what happens.

local expect = require "expect"
local host = require "netmcu.host"

expect.raises("fault: no key 'prot'", host.fault, {kind = "reset", prot = 80})
expect.raises("fault: 'melt': refuse, reset, delay, stall, cut or dns expected, at 'melt'", host.fault, "melt")
expect.raises("fault: ',port=80': refuse, reset, delay, stall, cut or dns expected, at ',port=80'", host.fault, {port = 80})
expect.raises("fault: 'reset,peer=a,port=1': this kind of fault has no such key, at 'port=1'", function()
  host.fault "reset,peer=a"
  host.fault()
  local _, message = pcall(host.fault, {kind = "dns", peer = "a", port = 1})
  error((message:gsub("dns", "reset")), 0)
end)
expect.raises("fault: after: a string or a number expected", host.fault, {kind = "reset", after = true})

local server = net.createServer(net.TCP, 30)
server:listen(0, "127.0.0.1", function(client)
  client:on("receive", function(self) self:send(("x"):rep(1000)) end)
end)
local port = server:getaddr()

local function get(wanted_size, wanted_code, done)
  local sk, size = net.createConnection(net.TCP), 0
  sk:on("connection", function(self) self:send "GET" end)
  sk:on("receive", function(self, data)
    size = size + #data
    if size == 1000 then
      self:close()
      assert(wanted_size == 1000)
      done()
    end
  end)
  sk:on("disconnection", function(_, code)
    assert(size == wanted_size and code == wanted_code, size .. " bytes, code " .. code)
    done()
  end)
  sk:connect(port, "127.0.0.1")
end

host.fault {kind = "reset", port = port, after = 100.0, direction = "in", peer = "127.0.0.1"}
get(100, -9, expect(function()
  host.fault()
  host.fault {kind = "cut", size = 300}
  host.fault {kind = "delay", ms = 20, probability = 1}
  get(1000, 0, expect(function()
    host.fault()
    host.fault "refuse,probability=1.0"
    get(0, -9, expect(function()
      host.fault()
      host.fault {kind = "dns", peer = "*.example.com"}
      net.dns.resolve("www.example.com", expect(function(_, ip)
        assert(ip == nil)
        host.fault()
        server:close()
      end))
    end))
  end))
end))

expect.finish()

local stats = host.stats()
assert(stats.connections == 0 and stats.servers == 0 and stats.events > 10)
assert(stats.bytes_sent >= 1000 and stats.bytes_received >= 1100 and stats.memory > 0 and stats.lua_memory > 0)
