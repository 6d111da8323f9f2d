-- os.exit in a handler: what was sent before still goes out, and the status is the script's.

local expect = require "expect"
local subrun = require "subrun"

local function ends_with(call, expected)
  local server, received = net.createServer(), ""
  server:listen(0, "127.0.0.1", expect(function(client)
    server:close()
    client:on("receive", function(_, data) received = received .. data end)
    client:on("disconnection", expect(function(_, code) assert(code == 0, code) end))
  end))
  local status, output, errors = subrun(([[
local sk = net.createConnection()
sk:on("connection", function()
  sk:send "good"
  sk:send "bye"
  print "sent"
  %s
end)
sk:connect(%d, "127.0.0.1")
]]):format(call, (server:getaddr())))
  assert(status == expected and output == "sent\n" and errors == "", output .. errors .. status)
  expect.finish()
  assert(received == "goodbye", received)
end

ends_with("os.exit()", 0)
ends_with("os.exit(3)", 3)
ends_with("os.exit(false)", 1)
ends_with("os.exit(4, true)", 4)
ends_with("coroutine.wrap(function() os.exit(5) end)()", 5)
