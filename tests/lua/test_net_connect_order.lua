-- The order of events: "dns" (of a name or an address, if it has a handler), "connection", and
-- exactly one end. There is no event before connect() has returned.

local expect = require "expect"

local server = net.createServer()
server:listen(0, "127.0.0.1", function(client) client:on("sent", client.close) client:send "bye" end)
local port = server:getaddr()

local open = 4
local function ended()
  open = open - 1
  if open == 0 then
    server:close()
  end
end

local function try(host, expected)
  local events, returned = {}, false
  local sk = net.createConnection()
  local function note(name, n)
    sk:on(name, expect(function(self, value)
      assert(returned, name .. " before connect returned")
      assert(self == sk)
      events[#events + 1] = name .. ":" .. tostring(value)
      if name == "disconnection" then
        assert(table.concat(events, " ") == expected, table.concat(events, " "))
        ended()
      end
    end, n))
  end
  note("dns", host and 1 or 0, 1)
  note("connection", 1)
  note("receive", 1)
  note("disconnection", 1)
  note("reconnection", 0)
  if host then
    sk:connect(port, host)
  else
    sk:connect(port)
  end
  returned = true
end

local rest = " connection:nil receive:bye disconnection:0"
try("127.0.0.1", "dns:127.0.0.1" .. rest)
try("localhost", "dns:127.0.0.1" .. rest)
try("127.1", "dns:127.0.0.1" .. rest)

-- fn sets "connection"; without a host, the peer is this machine
local sk = net.createConnection()
sk:on("connection", expect.never "the handler that was replaced")
sk:on("disconnection", expect(ended))
sk:connect(port, nil, expect(function(self) assert(self == sk) end))

-- handlers are optional
local quiet = net.createConnection()
quiet:on("disconnection", expect(function() end))
quiet:connect(port, "127.0.0.1")

expect.finish()
