-- An error in any handler is the script's crash: a traceback on stderr names the event and the
-- script's line, the exit status is 1, and there is no further event. The function of
-- node.setonerror sees the error first.
-- ctest: COST 10

local expect = require "expect"
local subrun = require "subrun"

local prologue = [[
local server, sk, udp = net.createServer(), net.createConnection(), net.createUDPSocket()
local function boom() error "boom" end
local function accept(client) client:send "hello" client:on("receive", client.close) end
local function start() server:listen(0, "127.0.0.1", accept) sk:connect(server:getaddr(), "127.0.0.1") end
local function datagram() udp:listen(0, "127.0.0.1") udp:send(udp:getaddr(), "127.0.0.1", "x") end
local function finally() tmr.create():alarm(3000, tmr.ALARM_SINGLE, function() print "after the crash" end) end
finally()
]]
local kinds = {
  accept = 'accept = boom start()',
  ["client connection"] = 'function accept(c) c:on("connection", boom) end start()',
  ["client receive"] = 'function accept(c) c:on("receive", boom) end sk:on("connection", function() sk:send "x" end) start()',
  ["connect dns"] = 'sk:on("dns", boom) start()',
  connection = 'sk:on("connection", boom) start()',
  ["connection by connect"] = 'server:listen(0, "127.0.0.1", accept) sk:connect(server:getaddr(), nil, boom)',
  receive = 'sk:on("receive", boom) start()',
  sent = 'function accept(c) c:on("receive", c.close) end sk:on("connection", function() sk:send("x", boom) end) start()',
  disconnection = 'sk:on("disconnection", boom) function accept(c) c:close() end start()',
  refused = 'sk:on("disconnection", boom) sk:connect(1)',
  reconnection = 'sk:on("reconnection", boom) sk:connect(1)',
  answer = 'sk:dns("localhost", boom)',
  ["udp answer"] = 'udp:dns("127.0.0.1", boom)',
  resolve = 'net.dns.resolve("localhost", boom)',
  ["udp receive"] = 'udp:on("receive", boom) datagram()',
  ["udp sent"] = 'udp:on("sent", boom) datagram()',
  timer = 'tmr.create():alarm(1, tmr.ALARM_SINGLE, boom)',
  ["auto timer"] = 'tmr.create():alarm(1, tmr.ALARM_AUTO, boom)',
  ["numbered timer"] = 'tmr.alarm(3, 1, 0, boom)',
  task = 'node.task.post(boom)',
  coroutine = 'tmr.create():alarm(1, 0, coroutine.wrap(function() boom() end))',
  script = 'boom()',
}
for kind, script in pairs(kinds) do
  local status, output, errors = subrun(prologue .. script)
  assert(status == 1 and output == "", kind .. output .. errors)
  assert(errors:find "^netmcu: stdin:2: boom\n", kind .. ": " .. errors)
  assert(kind == "script" or errors:find "^[^\n]*\nin [^\n]+\n", kind .. ": " .. errors)
  assert(kind == "coroutine" or errors:find "\nstack traceback:\n.*stdin:2: in ", kind .. ": " .. errors)
end

-- The function of node.setonerror sees the error first, here in four of these ways.
local onerror = [[
node.setonerror(function(text) print((text:gsub("\n.*", ""))) node.restart() end) ]]
for _, kind in ipairs {"script", "receive", "timer", "task"} do
  local status, output, errors = subrun(prologue .. onerror .. kinds[kind], "--once --timeout 60")
  assert(status == 0 and output == "stdin:2: boom\n", kind .. ": " .. output .. errors)
end

-- errors of several types
for value, text in pairs {
  ["{}"] = "(error object is a table value)",
  ["nil"] = "(error object is a nil value)",
  ["setmetatable({}, {__tostring = function() return 'told' end})"] = "told",
  ["12"] = "12",
  ["'line\\nline'"] = "line\nline",
} do
  local status, _, errors = subrun(('tmr.create():alarm(1, 0, function() error(%s, 0) end)'):format(value))
  assert(status == 1 and errors:find("netmcu: " .. text, 1, true) == 1, errors)
end

-- only one crash: later events of the same turn do not reach the script
local status, output, errors = subrun [[
for i = 1, 5 do
  tmr.create():alarm(5, tmr.ALARM_SINGLE, function() print(i) error(i) end)
end
tmr.delay(10000)
]]
assert(status == 1 and output == "1\n" and select(2, errors:gsub("netmcu:", "")) == 1, output .. errors)

-- the event and its object
local named
for script, event in pairs {
  ['accept = boom start()'] = "a new connection of net.server (listening, 127.0.0.1:%d+)",
  ['function accept(c) c:on("receive", boom) end sk:on("connection", function() sk:send "x" end) start()'] =
    "'receive' of net.socket (connected, 127.0.0.1:%d+)",
  ['sk:on("disconnection", boom) function accept(c) c:close() end start()'] = "'disconnection' of net.socket (closed)",
  ['udp:on("receive", boom) datagram()'] = "'receive' of net.udpsocket (bound, 127.0.0.1:%d+)",
  ['tmr.create():alarm(1, tmr.ALARM_SINGLE, boom)'] = "a timer",
  ['node.task.post(boom)'] = "a task",
  -- an object that its handler has dropped
  ['sk:on("receive", function(s) s, sk = nil server:close() collectgarbage() boom() end) start()'] = "'receive'",
} do
  status, _, named = subrun(prologue .. script)
  event = "\nin " .. event:gsub("[().]", "%%%0")
  assert(status == 1 and named:find(event), event .. "\n" .. named)
end

-- the function of setonerror sees the error first; the run ends if it does not restart
status, output, errors = subrun [[
node.setonerror(function(text) print((text:gsub("\n.*", ""))) end)
node.task.post(function() error("one", 0) end)
tmr.create():alarm(5, tmr.ALARM_SINGLE, function() print "never" end)
]]
assert(status == 1 and output == "one\n" and errors:find "^netmcu: one\n", output .. errors)

-- a function of setonerror that fails itself
status, output, errors = subrun [[
node.setonerror(function() error "worse" end)
node.task.post(function() error "boom" end)
]]
assert(status == 1 and output == "" and errors:find "worse", errors)

-- deep recursion and a lack of memory are errors like others
status, output, errors = subrun [[
local function deeper() return 1 + deeper() end
node.task.post(deeper)
]]
assert(status == 1 and errors:find "stack overflow", errors)
