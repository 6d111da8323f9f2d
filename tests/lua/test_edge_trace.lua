-- netmcu.host.trace prints a line on stderr for each event.

local subrun = require "subrun"

local script = [[
local host = require "netmcu.host"
host.trace(%s)
local server = net.createServer()
server:listen(0, "127.0.0.1", function(client)
  client:on("receive", function(self, data) self:send(data:upper()) self:close() end)
end)
local sk = net.createConnection()
sk:on("connection", function(self) self:send "hello" end)
sk:on("receive", function() end)
sk:on("disconnection", function() server:close() end)
sk:connect((server:getaddr()), "127.0.0.1")
]]

local function run(mode)
  local status, _, errors = subrun(script:format(mode), "--no-warnings --timeout 60")
  assert(status == 0, errors)
  return errors
end

local text = run [["text"]]
assert(text:find("net.server#1 +listen +127.0.0.1:%d+\n"))
assert(text:find("> send +127.0.0.1:%d+ 5 bytes \"hello\"\n"))
assert(text:find("< receive +127.0.0.1:%d+ 5 bytes \"HELLO\"\n"))
assert(text:find("< disconnection +127.0.0.1:%d+\n"))
assert(not text:find "\27")

local json = run [["json", true]]
for line in json:gmatch "[^\n]+" do
  assert(line:find '^{"time":%d+%.%d%d%d%d%d%d,"object":"net%.%w+","id":%d+,"direction":"%w+","event":"%w+".*}$', line)
end
assert(json:find('"event":"send","ip":"127.0.0.1","port":%d+,"bytes":5,"text":"hello","hex":"68656c6c6f"}', 1))

assert(run [["text", true]]:find("\n    000000  68 65 6c 6c 6f .*|hello|\n"))
assert(run "nil" == "")
