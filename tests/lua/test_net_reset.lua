-- A peer that resets the connection: code -9 goes to "reconnection", or else to "disconnection",
-- after the data that arrived before, and after the "sent" of the data that the peer took.

local expect = require "expect"
local subrun = require "subrun"

-- A peer that reads nothing and ends when it is told. The system then resets the connection,
-- because data is unread.
local peer_script = os.tmpname()
local text = [[
net.createConnection():connect(%d, "127.0.0.1", function(sk) sk:hold() sk:send "before" end)
uart.on("data", "\n", function() os.exit(0, false) end, 0)
]]

local function start_peer(port)
  local handle = assert(io.open(peer_script, "w"))
  handle:write(text:format(port))
  handle:close()
  return subrun.popen(('"%s" %s'):format(subrun.command(), peer_script), "w")
end

for _, event in ipairs {"reconnection", "disconnection"} do
  local server, peer = net.createServer(), nil
  server:listen(0, "127.0.0.1", function(client)
    local events = {}
    client:on("receive", expect(function(self, data)
      events[#events + 1] = data
      self:send "unread"
    end))
    client:on("sent", expect(function()
      events[#events + 1] = "sent"
      peer:write "\n"
      peer:flush()
    end))
    client:on("disconnection", expect.never "disconnection")
    client:on(event, expect(function(self, code)
      assert(self == client and code == -9 and table.concat(events, " ") == "before sent")
      server:close()
    end))
  end)
  peer = start_peer(server:getaddr())
  expect.finish()
  peer:close()
end
os.remove(peer_script)
