-- close() sends everything that the script has sent before, in a "receive" handler too, even if the
-- peer still sends.

local expect = require "expect"

local clients, size = 20, 100000
local text = ("0123456789"):rep(size // 10)
local server, ended = net.createServer(), 0
server:listen(0, "127.0.0.1", function(client)
  client:on("receive", function(self)
    self:send(text:sub(1, size // 2))
    self:send(text:sub(size // 2 + 1))
    self:close()
  end)
end)
local port = server:getaddr()

for i = 1, clients do
  local parts = {}
  local sk = net.createConnection()
  sk:on("receive", function(self, data)
    parts[#parts + 1] = data
    if i % 2 == 0 then
      self:send "garbage" -- which nobody reads
    end
  end)
  sk:on("disconnection", expect(function(_, code)
    assert(code == 0 and table.concat(parts) == text, code)
    ended = ended + 1
    if ended == clients then
      server:close()
    end
  end))
  sk:connect(port, "127.0.0.1", function() sk:send "give" end)
end

expect.finish()
