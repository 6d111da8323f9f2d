-- Many small sends of one handler, to a peer that reads none of them for a while, arrive completely
-- and in order.

local expect = require "expect"

local lines, pad = 60000, ("."):rep(190)
local server, got = net.createServer(), {}

local peer, all_sent
local function unhold_later()
  if peer and all_sent then
    expect.later(function() peer:unhold() end)
  end
end

server:listen(0, "127.0.0.1", expect(function(client)
  peer = client
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
  unhold_later()
end))

local sk = net.createConnection()
sk:on("connection", expect(function()
  for i = 1, lines do
    sk:send(i .. pad .. "\n")
  end
  sk:close()
  all_sent = true
  unhold_later()
end))
sk:connect(server:getaddr(), "127.0.0.1")
expect.finish()
