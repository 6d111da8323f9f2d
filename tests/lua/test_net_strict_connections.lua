-- Strict: with five TCP connections open, a further incoming one is not answered until there is a place.

local expect = require "expect"
local netmcu = require "netmcu"
local subrun = require "subrun"

-- Six clients of another process; each says hello, and hears it back.
local clients = [[
local port, heard = %d, 0
for i = 1, 6 do
  local sk = net.createConnection()
  sk:on("receive", function(self, data)
    heard = heard + 1
    if heard == 5 then
      uart.on("data", "\n", function() self:close() uart.on "data" end, 0) -- one of the five makes a place
    elseif heard == 6 then
      os.exit(0)
    end
  end)
  sk:connect(port, "127.0.0.1", function() sk:send "hello" end)
end
]]
netmcu.options {strict = true}
local server, accepted, told = net.createServer(), 0, false
local process
server:listen(0, "127.0.0.1", expect(function(client)
  accepted = accepted + 1
  assert(accepted <= 5 or told)
  client:on("receive", function(self, data) self:send(data) end)
  client:on("disconnection", function() end)
  if accepted == 5 then
    tmr.create():alarm(300, tmr.ALARM_SINGLE, function()
      assert(accepted == 5)
      expect.raises("out of memory", function()
        local sk = net.createConnection()
        local done, message = pcall(sk.connect, sk, 80, "127.0.0.1")
        error(message, 0)
      end)
      told = true
      process:write "\n"
      process:flush()
    end)
  elseif accepted == 6 then
    server:close()
  end
end, 6))
local script = os.tmpname()
local file = io.open(script, "w")
file:write((clients:format((server:getaddr()))))
file:close()
process = io.popen(("'%s' --no-warnings --timeout 20 %s"):format(subrun.command(), script), "w")

expect.finish()
process:close()
os.remove(script)
