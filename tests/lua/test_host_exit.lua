-- os.exit in a handler sends everything that the script has sent before, and ends with the script's
-- status. An os.exit with a wrong argument raises an error, and changes nothing.

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
ends_with("pcall(os.exit, 1.5) pcall(os.exit, 'x', true) pcall(os.exit, {}) os.exit(6)", 6)

local status, output, errors = subrun [[os.exit("x")]]
assert(status == 1 and output == "", status)
assert(errors:find("stdin:1: bad argument #1 to 'exit' (number expected, got string)\n", 1, true), errors)

status, output, errors = subrun [[
print(pcall(os.exit, 1.5))
tmr.create():alarm(1, tmr.ALARM_SINGLE, function() print "goes on" end)
]]
assert(status == 0 and errors == "", errors)
assert(output == "false\tbad argument #1 to 'os.exit' (number has no integer representation)\ngoes on\n", output)
