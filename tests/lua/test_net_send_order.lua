-- Many small sends of one handler, to a peer that takes none of them for a while: all arrive, in order.

local expect = require "expect"

local lines, pad = 60000, ("."):rep(190)
local server, got = net.createServer(), {}

server:listen(0, "127.0.0.1", expect(function(client)
  client:hold()
  client:on("receive", function(_, data) got[#got + 1] = data end)
  client:on("disconnection", expect(function(_, code)
    local number = 0
    for line in table.concat(got):gmatch "(%d+)%.*\n" do
      number = number + 1
      assert(tonumber(line) == number, line)
    end
    assert(code == 0 and number == lines)
    server:close()
  end))
  tmr.create():alarm(100, tmr.ALARM_SINGLE, function() client:unhold() end)
end))

local sk = net.createConnection()
sk:on("connection", expect(function()
  for i = 1, lines do
    sk:send(i .. pad .. "\n")
  end
  sk:close()
end))
sk:connect(server:getaddr(), "127.0.0.1")
expect.finish()
